"""Columns of predictions as Arrow batches; class probabilities are estimated where the files have none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sqlsel.readers.import_report import Report
from sqlsel.readers.prediction_rules import LARGEST
from sqlsel.readers.read_model import Task
from sqlsel.readers.read_objects import Columns, Floats, Integers, Lists, Parsed

UNLIKELY = "the most likely category is another than category_id"
KEYPOINTS = "scores of keypoints lie outside of 0 to 1"
NO_SCORE = "all scores are 0, as if unknown; the task will look most uncertain"
OBJECT = pa.struct(
    [
        ("category_id", pa.int32()),
        ("score", pa.float64()),
        ("bbox", pa.list_(pa.float64())),
        ("probabilities", pa.list_(pa.float64())),
        ("segmentation", pa.list_(pa.int32())),
        ("keypoints", pa.list_(pa.float64())),
    ]
)
OBJECTS = pa.list_(OBJECT)
BATCHES = pa.schema([("file", pa.string()), ("sample_id", pa.string()), ("objects", OBJECTS)])


def batches(columns: Columns, files: Sequence[Parsed], task: Task) -> Iterator[pa.RecordBatch]:
    """The files as record batches of the schema BATCHES, one row per file, at most LARGEST probabilities each."""
    starts = np.concatenate(([0], np.cumsum(columns.counts)))
    first = 0
    while first < len(files):
        room = starts[first] + LARGEST // len(task.categories)
        # At least one file, whose size ``check_top`` has limited.
        last = max(int(np.searchsorted(starts, room, side="right")) - 1, first + 1)
        yield _batch(columns, files[first:last], task, starts[first : last + 1])
        first = last


def _batch(
    columns: Columns, files: Sequence[Parsed], task: Task, starts: Integers
) -> pa.RecordBatch:
    """One record batch of some files; ``starts``: the number of each file's first object, and the end."""
    first, last = int(starts[0]), int(starts[-1])
    missing = pa.nulls(last - first, pa.null())
    members = {
        "category_id": pa.array(columns.categories[first:last], pa.int32()),
        "score": pa.array(columns.scores[first:last]),
        "probabilities": _lists_of(_probabilities(columns, task, first, last)),
        **{key: _array(lists, first, last) for key, lists in columns.shapes.items()},
    }
    fields = [members.get(field.name, missing).cast(field.type) for field in OBJECT]
    structs = pa.StructArray.from_arrays(fields, fields=list(OBJECT))
    offsets = pa.array((starts - first).astype(np.int32))
    unknown = pa.array([not file.objects_known for file in files], pa.bool_())
    return pa.record_batch(
        [
            pa.array([file.path for file in files], pa.string()),
            pa.array([file.value["file_name"] for file in files], pa.string()),
            pa.ListArray.from_arrays(offsets, structs, mask=unknown),
        ],
        schema=BATCHES,
    )


def _array(lists: Lists, first: int, last: int) -> pa.ListArray:
    """The lists of the objects ``first`` to ``last``; NULL for objects without a list."""
    ends = np.concatenate(([0], np.cumsum(lists.lengths)))
    offsets = ends[first : last + 1]
    values = pa.array(lists.values[offsets[0] : offsets[-1]])
    places = pa.array((offsets - offsets[0]).astype(np.int32))
    return pa.ListArray.from_arrays(places, values, mask=pa.array(~lists.present[first:last]))


def _probabilities(columns: Columns, task: Task, first: int, last: int) -> Floats:
    """One row per object. Without probabilities the category gets the score, and the others share the rest equally."""
    lists, width = columns.probabilities, len(task.categories)
    present = lists.present[first:last]
    scores = columns.scores[first:last][~present]
    rows = np.empty((last - first, width))
    start = width * int(np.count_nonzero(lists.present[:first]))
    stop = start + width * int(np.count_nonzero(present))
    rows[present] = lists.values[start:stop].reshape(-1, width)
    rows[~present] = estimated(scores, columns.positions[first:last][~present], width)
    return rows


def estimated(scores: Floats, positions: Integers, width: int) -> Floats:
    """Probabilities of ``width`` categories: that of each position is its score, the others share the rest."""
    rows = np.repeat(((1 - scores) / max(width - 1, 1))[:, np.newaxis], width, axis=1)
    rows[np.arange(len(scores)), positions] = scores
    return rows


def _lists_of(rows: Floats) -> pa.ListArray:
    """The rows of a matrix as lists."""
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * np.int32(rows.shape[1])
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(rows.reshape(-1)))


def warn(columns: Columns, files: Sequence[Parsed], task: Task, report: Report) -> None:
    """Warn of allowed values that look like mistakes: unlikely categories, scores of keypoints outside of 0 to 1."""
    lists = columns.probabilities
    rows = lists.values.reshape(-1, len(task.categories))
    chosen = rows[np.arange(len(rows)), columns.positions[lists.present]]
    unlikely = np.flatnonzero(lists.present)[chosen < rows.max(axis=1, initial=0)]
    _warn(UNLIKELY, unlikely, columns, files, report)
    if points := columns.shapes.get("keypoints"):
        scores = points.values[2::3]
        owner = np.repeat(np.arange(len(points.lengths)), points.lengths // 3)
        _warn(KEYPOINTS, np.unique(owner[(scores < 0) | (scores > 1)]), columns, files, report)


def _warn(
    warning: str, objects: Integers, columns: Columns, files: Sequence[Parsed], report: Report
) -> None:
    """Report the objects of these numbers under one warning, the first three with file and index."""
    ends = np.cumsum(columns.counts)
    for at in objects[:3]:
        file = int(np.searchsorted(ends, at, side="right"))
        index = int(at - (ends[file] - columns.counts[file]))
        report.warn(warning, f"{files[file].path}: predictions[{index}]")
    if len(objects) > 3:
        report.warn(warning, "", len(objects) - 3)


class Scores:
    """Notes whether any score of a task is above 0."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._seen = 0
        self._positive = False

    def see(self, batch: pa.RecordBatch) -> None:
        """Add the scores of a batch."""
        scores = batch["objects"].flatten().field("score")
        self._seen += len(scores)
        self._positive = self._positive or bool(len(scores) and pc.max(scores).as_py() > 0)

    def warn(self, report: Report) -> None:
        """Warn of a task whose scores are all 0, as in labels that were exported as predictions."""
        if self._seen and not self._positive:
            report.warn(NO_SCORE, f"task {self._task.name}", self._seen)
