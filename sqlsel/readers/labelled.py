"""Images with the labels that another tool's file has for them, as prediction files of a task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from sqlsel.readers.batches import Scores
from sqlsel.readers.import_report import Report
from sqlsel.readers.join_names import why_invalid
from sqlsel.readers.predictions import to_batches
from sqlsel.readers.read_model import Task
from sqlsel.readers.read_objects import Parsed

ALL_LEFT_OUT = "images whose labels are all left out: what is on them is not known"
_FILES = 2_000  # per group of batches


class Labelled(NamedTuple):
    """The name of an image, and its objects as in a prediction file.

    None: it is not known what is on the image. An empty list: nothing is.
    """

    name: str
    objects: list[dict[str, Any]] | None


def as_prediction_files(source: Path, images: Sequence[Labelled], report: Report) -> list[Parsed]:
    """The images as parsed prediction files; those with invalid names are reported as skipped."""
    files = []
    for name, objects in images:
        if reason := why_invalid(name):
            report.skip(source.name, f"file_name: {reason}")
            continue
        value = {"file_name": name, "predictions": objects or []}
        files.append(Parsed(name, value, objects_known=objects is not None))
    return files


def read_batches(files: list[Parsed], task: Task, report: Report) -> Iterator[pa.RecordBatch]:
    """The files as record batches, as ``read_predictions`` gives them."""
    scores = Scores(task)
    for start in range(0, len(files), _FILES):
        for batch in to_batches(files[start : start + _FILES], task, report):
            scores.see(batch)
            yield batch
    scores.warn(report)
