"""Draw what a detector found: the images with most detections of a task, on one sheet.

    python examples/tools/draw_detections.py CATALOG.duckdb DATASET TASK IMAGES OUT.png [--count 12]

CATALOG.duckdb is what ``sqlsel import`` made, with the detections of TASK in DATASET; IMAGES is the
folder of the image files. Only the view ``DATASET.objects_TASK`` is read: one row per object, with
its image (``parent_id``), ``category``, ``score`` and ``bbox`` in pixels.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import duckdb
from contact_sheet import arranged, save
from PIL import Image, ImageDraw, ImageFont

from sqlsel.images.pixels.opening import BadImage, as_rgb, open_image
from sqlsel.sqltext.quoting import identifier

SIDE, COLUMNS = 320, 4
COLOURS = ("#e6194b", "#3cb44b", "#4363d8", "#f58231", "#911eb4", "#008080", "#9a6324", "#808000")


@dataclass(frozen=True)
class Detection:
    """An object in an image; ``box``: left, upper, right, lower, in pixels of the image."""

    category: str
    score: float
    box: tuple[float, float, float, float]


def detections(catalog: Path, dataset: str, task: str, count: int) -> dict[str, list[Detection]]:
    """Of the ``count`` images with most detections, most first: the detections, surest last."""
    view = f"{identifier(dataset)}.{identifier(f'objects_{task}')}"
    text = f"""
        WITH most AS (
            SELECT parent_id, count(*) AS detections FROM {view} WHERE bbox IS NOT NULL
            GROUP BY parent_id ORDER BY detections DESC, parent_id LIMIT $count)
        SELECT parent_id, category, score, bbox.x, bbox.y, bbox.x + bbox.w, bbox.y + bbox.h
        FROM {view} JOIN most USING (parent_id) WHERE bbox IS NOT NULL
        ORDER BY detections DESC, parent_id, score"""
    found: dict[str, list[Detection]] = defaultdict(list)
    with duckdb.connect(str(catalog), read_only=True) as con:
        for name, category, score, *box in con.execute(text, {"count": count}).fetchall():
            left, upper, right, lower = box
            found[name].append(Detection(category, score, (left, upper, right, lower)))
    return dict(found)


def drawn(image: Image.Image, found: list[Detection], side: int = SIDE) -> Image.Image:
    """The image no larger than ``side``, with a frame and a label for each detection."""
    picture = as_rgb(image).copy()
    picture.thumbnail((side, side))
    scale = picture.width / image.width, picture.height / image.height
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(11)
    for one in found:
        frame = _within(one.box, scale, picture.size)
        colour = COLOURS[crc32(one.category.encode()) % len(COLOURS)]
        pen.rectangle(frame, outline=colour, width=2)
        label, corner = f"{one.category} {one.score:.2f}", frame[:2]
        pen.rectangle(pen.textbbox(corner, label, font), fill=colour)
        pen.text(corner, label, "white", font)
    return picture


def _within(
    box: tuple[float, float, float, float], scale: tuple[float, float], size: tuple[int, int]
) -> tuple[float, float, float, float]:
    """The box in pixels of the smaller picture, as far as it lies in it."""
    left, right = (min(max(x * scale[0], 0), size[0] - 1) for x in box[::2])
    upper, lower = (min(max(y * scale[1], 0), size[1] - 1) for y in box[1::2])
    return left, upper, right, lower


def sheet(found: dict[str, list[Detection]], images: Path, target: Path) -> Path:
    """Draw all images that can be read onto one PNG; the others are told of on stderr."""
    pictures, captions = [], []
    for name, objects in found.items():
        try:
            pictures.append(drawn(open_image(images / name), objects))
        except BadImage as reason:
            print(f"{name}: {reason}", file=sys.stderr)
            continue
        captions.append(f"{_short(name)} ({len(objects)})")
    return save(arranged(pictures, captions, SIDE, COLUMNS), target)


def _short(name: str, most: int = 40) -> str:
    return name if len(name) <= most else "…" + name[1 - most :]


def main(arguments: list[str] | None = None) -> Path:
    """Read the command line, and draw."""
    parser = argparse.ArgumentParser(description="Draw the detections of a task on one sheet.")
    parser.add_argument("catalog", type=Path, metavar="CATALOG.duckdb")
    parser.add_argument("dataset", metavar="DATASET")
    parser.add_argument("task", metavar="TASK")
    parser.add_argument("images", type=Path, metavar="IMAGES")
    parser.add_argument("target", type=Path, metavar="OUT.png")
    parser.add_argument("--count", type=int, default=12, help="how many images [12]")
    given = parser.parse_args(arguments)
    try:
        found = detections(given.catalog, given.dataset, given.task, given.count)
    except duckdb.Error as error:
        parser.error(str(error).splitlines()[0])
    if not found:
        parser.error(f"{given.task} has no boxes in {given.dataset}")
    return sheet(found, given.images, given.target)


if __name__ == "__main__":
    print(main())
