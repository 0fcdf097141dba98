"""Prediction files of one task, as Arrow batches: one row per file, with the list of its objects."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa

from sqlsel.readers.batches import BATCHES, OBJECTS, Scores, batches, warn
from sqlsel.readers.checking import check, check_file
from sqlsel.readers.import_report import Report
from sqlsel.readers.join_names import SPELT, Names, as_names
from sqlsel.readers.mending import mended
from sqlsel.readers.paths import Below
from sqlsel.readers.processes import Answer, Job, answers, how_many
from sqlsel.readers.read_model import Category, Task
from sqlsel.readers.read_objects import Parsed, Unfit, gather
from sqlsel.readers.strict import Fault, content, loads
from sqlsel.readers.task_files import read_tasks

__all__ = ["BATCHES", "OBJECTS", "read_predictions", "read_tasks"]

_FILES = 2_000  # per job
_BYTES = 2**25  # of JSON, per batch
_SCHEMA = "schema.json"
UNKNOWN = "samples whose objects are not known, since what was left out told of them"


def read_predictions(
    folder: Path,
    task: Task,
    paths: Sequence[str],
    names: Collection[str] | Names,
    report: Report,
    *,
    processes: int | None = None,
) -> Iterator[pa.RecordBatch]:
    """Batches (file, sample_id, objects) of the files ``paths`` below ``folder``, in their order.

    ``sample_id`` is the one of ``names`` that the ``file_name`` in a file means. An object that cannot
    be used is left out. Where a file as a whole cannot be read, or none of its objects used, its
    sample has NULL: what is on it is not known. The report says where the faults are.
    """
    own = [path for path in paths if path != _SCHEMA]
    jobs = (_job(folder, task, own[at : at + _FILES]) for at in range(0, len(own), _FILES))
    samples = _Samples(names, report)
    scores = Scores(task)
    for answer in answers(jobs, work, processes=how_many(processes, len(own))):
        report.add(answer.report)
        for batch in answer.batches:
            kept = samples.known(batch)
            scores.see(kept)
            if kept.num_rows:
                yield kept
    yield from samples.unknown()
    scores.warn(report)


def work(job: Job) -> Answer:
    """Read, check and convert the files of one job."""
    report = Report()
    task = _task(job["task"])
    found = _parsed(Below(job["folder"]), job["paths"], report)
    made = [batch for files in _portions(found) for batch in converted(files, task, report)]
    return Answer(made, report)


class _Samples:
    """Tells files of known samples from others, and the first file of a sample from the next."""

    def __init__(self, names: Collection[str] | Names, report: Report) -> None:
        self._names = as_names(names)
        self._files: dict[str, str] = {}
        self._refused: list[tuple[str, str]] = []  # file, the sample that it names
        self._report = report

    def known(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The rows whose sample is known and was not met before, with the sample's own name.

        Those whose objects are not known are for ``unknown``.
        """
        files, names = batch["file"].to_pylist(), batch["sample_id"].to_pylist()
        valid = batch["objects"].is_valid().to_pylist()
        rows = list(zip(files, names, valid, strict=True))
        samples = [self._sample(file, name) if known else None for file, name, known in rows]
        pairs = zip(rows, samples, strict=True)
        self._refused += [(row[0], row[1]) for row, sample in pairs if sample is None]
        return batch if samples == names else of_samples(batch, samples)

    def _sample(self, file: str, name: str) -> str | None:
        sample = self._names.sample(name)
        if sample is None:
            reason = f"file_name: {self._names.why_not(name)}"
            self._report.skip(file, reason, is_stranger=True)
            return None
        if self._files.setdefault(sample, file) != file:
            self._report.skip(file, f"file_name: {self._files[sample]} is for {sample!r} too")
            return None
        if sample != self._names.stripped(name):
            self._report.warn(SPELT, f"{name!r} is {sample!r}")
        return sample

    def unknown(self) -> Iterator[pa.RecordBatch]:
        """Rows without objects: the samples of which only files tell that were left out.

        The sample of a file that names none of the samples is the one that is called like the file.
        """
        if not self._refused:
            return
        found: dict[str, str] = {}
        alike = self._names_by_stem()
        for file, name in self._refused:
            sample = self._names.sample(name)
            named = [sample] if sample else alike.get(file.removesuffix(".json"), [])
            found |= {one: file for one in named if one not in self._files}
        if found:
            self._report.warn(UNKNOWN, next(iter(found)), len(found))
            nothing = pa.nulls(len(found), OBJECTS)
            told = [pa.array(list(found.values())), pa.array(list(found))]
            yield pa.record_batch([*told, nothing], schema=BATCHES)

    def _names_by_stem(self) -> dict[str, list[str]]:
        """The samples by their names without the ending: a.png and a.jpg are alike."""
        found: dict[str, list[str]] = {}
        for name in self._names:
            found.setdefault(str(PurePosixPath(name).with_suffix("")), []).append(name)
        return found


def of_samples(batch: pa.RecordBatch, samples: Sequence[str | None]) -> pa.RecordBatch:
    """The rows that have a sample, with its name as their sample_id."""
    at = batch.schema.get_field_index("sample_id")
    renamed = batch.set_column(at, "sample_id", pa.array(samples, pa.string()))
    return renamed.filter(renamed["sample_id"].is_valid())


def _job(folder: Path, task: Task, paths: Sequence[str]) -> Job:
    categories = [[category.id, category.name] for category in task.categories]
    told = {"name": task.name, "type": task.type, "categories": categories}
    return {"kind": "predictions", "folder": str(folder), "task": told, "paths": list(paths)}


def _task(told: dict[str, Any]) -> Task:
    return Task(told["name"], told["type"], tuple(Category(*c) for c in told["categories"]))


def _parsed(below: Below, paths: Sequence[str], report: Report) -> Iterator[tuple[Parsed, int]]:
    """Each file that holds JSON, and how many bytes it is."""
    for path in paths:
        try:
            data = content(below.path(path))
            yield Parsed(path, loads(data, finite=False)), len(data)
        except Fault as fault:
            yield _refused(path, "", fault, report), 0


def _portions(found: Iterator[tuple[Parsed, int]]) -> Iterator[list[Parsed]]:
    """The files in runs that fit into memory at ease."""
    files: list[Parsed] = []
    total = 0
    for file, size in found:
        files.append(file)
        total += size
        if total >= _BYTES:
            yield files
            files, total = [], 0
    if files:
        yield files


def converted(files: list[Parsed], task: Task, report: Report) -> Iterator[pa.RecordBatch]:
    """Batches of the files; each file by itself is looked at only where there is a fault."""
    try:
        found = gather(files, task)
        check(found, task)
    except Unfit:
        files = [_usable(file, task, report) for file in files]
        found = gather(files, task)
    warn(found, files, task, report)
    return batches(found, files, task)


def _usable(file: Parsed, task: Task, report: Report) -> Parsed:
    """What can be used of the file."""
    if not file.known:
        return file
    try:
        check_file(file.value, task)
    except Fault:
        try:
            return mended(file, task, report)
        except Fault as fault:
            name = file.value.get("file_name") if isinstance(file.value, dict) else None
            return _refused(file.path, name if isinstance(name, str) else "", fault, report)
    return file


def _refused(path: str, name: str, fault: Fault, report: Report) -> Parsed:
    """A file that does not tell which objects there are on its sample."""
    report.skip(path, str(fault))
    return Parsed(path, {"file_name": name, "predictions": []}, known=False)
