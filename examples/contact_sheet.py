"""Put pictures on one sheet, in order, with a caption below each."""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SIDE, GAP, CAPTION = 64, 6, 15


def contact_sheet(paths: list[Path], captions: list[str], target: Path, columns: int = 20) -> Path:
    """Write ``paths`` as a PNG of rows of ``columns`` pictures, the first at the upper left."""
    columns = max(1, min(columns, len(paths)))
    rows = -(-len(paths) // columns)
    wide, high = SIDE + GAP, SIDE + CAPTION + GAP
    sheet = Image.new("RGB", (columns * wide + GAP, max(1, rows) * high + GAP), "#e8e8e4")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for place, (path, caption) in enumerate(zip(paths, captions, strict=True)):
        row, column = divmod(place, columns)
        left, top = GAP + column * wide, GAP + row * high
        with Image.open(path) as picture:
            picture.thumbnail((SIDE, SIDE))
            sheet.paste(picture, (left, top))
        pen.text((left + SIDE // 2, top + SIDE + 1), caption, "#222222", font, anchor="ma")
    return _save(sheet, target)


def _save(sheet: Image.Image, target: Path) -> Path:
    """Written beside its place and moved there, so that no half-written sheet is ever seen."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        sheet.save(unfinished, "png")
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target
