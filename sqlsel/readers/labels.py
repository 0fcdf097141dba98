"""Reads labels in COCO's and YOLO's formats as predictions; a label without a score has score 1."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from sqlsel.errors import InvalidInput, unknown
from sqlsel.readers.coco import read_coco
from sqlsel.readers.import_report import Report
from sqlsel.readers.labelled import as_prediction_files, read_batches
from sqlsel.readers.read_model import OBJECT_DETECTION, Task
from sqlsel.readers.strict import Fault
from sqlsel.readers.yolo import Size, read_yolo

FORMATS = ("coco", "yolo")


def read_labels(
    form: str,
    source: Path,
    report: Report,
    *,
    task: str | None = None,
    images: Path | None = None,
    size: Size | None = None,
) -> tuple[Task, list[str], Iterator[pa.RecordBatch]]:
    """The task, all file names, and batches as ``read_predictions`` gives them.

    ``form``: coco (a JSON file) or yolo (a data.yaml; names are relative to its folder). ``task``: its
    name, by default labels. ``images``: the file with images and categories that a list of COCO's results
    refers to. ``size``: gives width and height of a picture, which YOLO needs; raises a Fault where it
    cannot be read. InvalidInput where the source cannot be used.
    """
    if form not in FORMATS:
        raise InvalidInput(unknown("format of labels", form, FORMATS))
    if source.is_dir():
        file = "JSON file" if form == "coco" else "data.yaml"
        raise InvalidInput(f"{source} is a folder; give the {file} of the data set")
    if not source.is_file():
        raise InvalidInput(f"{source}: there is no such file")
    try:
        if form == "coco":
            categories, images_read = read_coco(source, report, images)
        else:
            categories, images_read = read_yolo(source, report, size or _no_size)
    except Fault as fault:
        raise InvalidInput(f"{source}: {fault}") from fault
    model = Task(task or "labels", OBJECT_DETECTION, categories)
    files = as_prediction_files(source, images_read, report)
    return model, [file.path for file in files], read_batches(files, model, report)


def _no_size(_: Path) -> tuple[int, int]:
    """A ``size`` for callers without one."""
    raise Fault("nothing reads pictures here")
