"""Images with the labels that a file of another tool has for them, as the files of a task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from sqlsel.readers.batches import Scores
from sqlsel.readers.import_report import Report
from sqlsel.readers.join_names import unusable
from sqlsel.readers.predictions import converted
from sqlsel.readers.read_model import Task
from sqlsel.readers.read_objects import Parsed

ALL_LEFT_OUT = "images whose labels are all left out: what is on them is not known"
_FILES = 2_000


class Labelled(NamedTuple):
    """The name of an image, and its objects as a prediction file would hold them.

    None: what is on the image is not known. An empty list: there are none.
    """

    name: str
    objects: list[dict[str, Any]] | None


def files_of(source: Path, found: Sequence[Labelled], report: Report) -> list[Parsed]:
    """The images whose names are good, as prediction files."""
    files = []
    for name, objects in found:
        if reason := unusable(name):
            report.skip(source.name, f"file_name: {reason}")
            continue
        value = {"file_name": name, "predictions": objects or []}
        files.append(Parsed(name, value, known=objects is not None))
    return files


def batches_of(files: list[Parsed], task: Task, report: Report) -> Iterator[pa.RecordBatch]:
    """The files as ``read_predictions`` gives them."""
    scores = Scores(task)
    for start in range(0, len(files), _FILES):
        for batch in converted(files[start : start + _FILES], task, report):
            scores.see(batch)
            yield batch
    scores.warn(report)
