"""Columns of predictions as Arrow batches, with the probabilities that the files leave out."""

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


def batches(found: Columns, files: Sequence[Parsed], task: Task) -> Iterator[pa.RecordBatch]:
    """The files as batches of bounded size, one row per file."""
    starts = np.concatenate(([0], np.cumsum(found.counts)))
    first = 0
    while first < len(files):
        room = starts[first] + LARGEST // len(task.categories)
        last = max(int(np.searchsorted(starts, room, side="right")) - 1, first + 1)
        yield _batch(found, files[first:last], task, starts[first : last + 1])
        first = last


def _batch(found: Columns, files: Sequence[Parsed], task: Task, starts: Integers) -> pa.RecordBatch:
    first, last = int(starts[0]), int(starts[-1])
    missing = pa.nulls(last - first, pa.null())
    columns = {
        "category_id": pa.array(found.categories[first:last], pa.int32()),
        "score": pa.array(found.scores[first:last]),
        "probabilities": _lists_of(_probabilities(found, task, first, last)),
        **{key: _array(lists, first, last) for key, lists in found.shapes.items()},
    }
    members = [columns.get(field.name, missing).cast(field.type) for field in OBJECT]
    structs = pa.StructArray.from_arrays(members, fields=list(OBJECT))
    offsets = pa.array((starts - first).astype(np.int32))
    unknown = pa.array([not file.known for file in files], pa.bool_())
    return pa.record_batch(
        [
            pa.array([file.path for file in files], pa.string()),
            pa.array([file.value["file_name"] for file in files], pa.string()),
            pa.ListArray.from_arrays(offsets, structs, mask=unknown),
        ],
        schema=BATCHES,
    )


def _array(lists: Lists, first: int, last: int) -> pa.ListArray:
    """The lists of some objects; NULL where none is given."""
    ends = np.concatenate(([0], np.cumsum(lists.lengths)))
    offsets = ends[first : last + 1]
    values = pa.array(lists.values[offsets[0] : offsets[-1]])
    places = pa.array((offsets - offsets[0]).astype(np.int32))
    return pa.ListArray.from_arrays(places, values, mask=pa.array(~lists.given[first:last]))


def _probabilities(found: Columns, task: Task, first: int, last: int) -> Floats:
    """One row per object; a row that is not given has the score, and the rest shared out."""
    lists, width = found.probabilities, len(task.categories)
    given = lists.given[first:last]
    scores = found.scores[first:last][~given]
    rows = np.empty((last - first, width))
    start = width * int(np.count_nonzero(lists.given[:first]))
    stop = start + width * int(np.count_nonzero(given))
    rows[given] = lists.values[start:stop].reshape(-1, width)
    estimated = np.repeat(((1 - scores) / max(width - 1, 1))[:, np.newaxis], width, axis=1)
    estimated[np.arange(len(scores)), found.positions[first:last][~given]] = scores
    rows[~given] = estimated
    return rows


def _lists_of(rows: Floats) -> pa.ListArray:
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * np.int32(rows.shape[1])
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(rows.reshape(-1)))


def warn(found: Columns, files: Sequence[Parsed], task: Task, report: Report) -> None:
    """Tell of what is allowed, but looks like a mistake."""
    lists = found.probabilities
    rows = lists.values.reshape(-1, len(task.categories))
    own = rows[np.arange(len(rows)), found.positions[lists.given]]
    odd = np.flatnonzero(lists.given)[own < rows.max(axis=1, initial=0)]
    _warn(UNLIKELY, odd, found, files, report)
    if points := found.shapes.get("keypoints"):
        scores = points.values[2::3]
        owner = np.repeat(np.arange(len(points.lengths)), points.lengths // 3)
        _warn(KEYPOINTS, np.unique(owner[(scores < 0) | (scores > 1)]), found, files, report)


def _warn(
    kind: str, odd: Integers, found: Columns, files: Sequence[Parsed], report: Report
) -> None:
    ends = np.cumsum(found.counts)
    for at in odd[:3]:
        file = int(np.searchsorted(ends, at, side="right"))
        index = int(at - (ends[file] - found.counts[file]))
        report.warn(kind, f"{files[file].path}: predictions[{index}]")
    if len(odd) > 3:
        report.warn(kind, "", len(odd) - 3)


class Scores:
    """Remembers whether any score of a task is above 0."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._seen = 0
        self._positive = False

    def see(self, batch: pa.RecordBatch) -> None:
        """Take in the scores of a batch."""
        scores = batch["objects"].flatten().field("score")
        self._seen += len(scores)
        self._positive = self._positive or bool(len(scores) and pc.max(scores).as_py() > 0)

    def warn(self, report: Report) -> None:
        """Tell of a task whose scores are all 0, as labels that became predictions have."""
        if self._seen and not self._positive:
            report.warn(NO_SCORE, f"task {self._task.name}", self._seen)
