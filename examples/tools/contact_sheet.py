"""Put pictures on one sheet, in order, with a caption below each."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SIDE, GAP, CAPTION = 64, 6, 15


def contact_sheet(paths: list[Path], captions: list[str], target: Path, columns: int = 20) -> Path:
    """Write ``paths`` as a PNG of rows of ``columns`` pictures, the first at the upper left."""
    return save(arranged(map(_thumbnail, paths), captions, SIDE, columns), target)


def arranged(
    pictures: Iterable[Image.Image], captions: list[str], side: int, columns: int
) -> Image.Image:
    """One picture per caption, none larger than ``side`` × ``side``, in rows of ``columns``."""
    columns = max(1, min(columns, len(captions)))
    rows = -(-len(captions) // columns)
    wide, high = side + GAP, side + CAPTION + GAP
    sheet = Image.new("RGB", (columns * wide + GAP, max(1, rows) * high + GAP), "#e8e8e4")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for place, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        row, column = divmod(place, columns)
        left, top = GAP + column * wide, GAP + row * high
        sheet.paste(picture, (left, top))
        pen.text((left + side // 2, top + side + 1), caption, "#222222", font, anchor="ma")
    return sheet


def _thumbnail(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        picture.thumbnail((SIDE, SIDE))
        picture.load()  # one that is small already was not needed so far
        return picture


def save(sheet: Image.Image, target: Path) -> Path:
    """Written beside its place and moved there, so that no half-written sheet is ever seen."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        sheet.save(unfinished, "png")
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target
