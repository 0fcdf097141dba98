"""Reads the prediction files of one task as Arrow batches: a row per file, with the list of its objects."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa

from sqlsel.readers.batches import BATCHES, OBJECTS, Scores, batches, warn
from sqlsel.readers.checking import check, check_file
from sqlsel.readers.import_report import Report
from sqlsel.readers.join_names import OTHER_SPELLING, SampleNames, as_names
from sqlsel.readers.mending import repaired
from sqlsel.readers.paths import Below
from sqlsel.readers.processes import Job, JobResult, n_processes, run_jobs
from sqlsel.readers.read_model import Category, Task
from sqlsel.readers.read_objects import Parsed, Unfit, to_columns
from sqlsel.readers.strict import Fault, loads, read_bytes
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
    names: Collection[str] | SampleNames,
    report: Report,
    *,
    processes: int | None = None,
) -> Iterator[pa.RecordBatch]:
    """Batches (file, sample_id, objects) of the files ``paths`` below ``folder``, in their order.

    ``sample_id`` is the one of ``names`` that matches the ``file_name`` in a file. Objects that cannot be
    used are left out. Where a whole file cannot be read, or has objects and none can be used, its
    sample has NULL as objects (not known). The report lists the faults. ``processes``: how many read
    (None: chosen by the number of files).
    """
    files = [path for path in paths if path != _SCHEMA]
    jobs = (_job(folder, task, files[at : at + _FILES]) for at in range(0, len(files), _FILES))
    samples = _Samples(names, report)
    scores = Scores(task)
    for result in run_jobs(jobs, work, processes=n_processes(processes, len(files))):
        report.add(result.report)
        for batch in result.batches:
            matched = samples.match(batch)
            scores.see(matched)
            if matched.num_rows:
                yield matched
    yield from samples.without_objects()
    scores.warn(report)


def work(job: Job) -> JobResult:
    """Read, check and convert the files of one job, in this process or a worker."""
    report = Report()
    task = _task(job["task"])
    sized_files = _read_files(Below(job["folder"]), job["paths"], report)
    batches_made = [
        batch for files in _runs_by_size(sized_files) for batch in to_batches(files, task, report)
    ]
    return JobResult(batches_made, report)


class _Samples:
    """Matches files with samples, the first file of each only, and collects samples whose objects are not known."""

    def __init__(self, names: Collection[str] | SampleNames, report: Report) -> None:
        self._names = as_names(names)
        self._files: dict[str, str] = {}
        self._without_predictions: list[tuple[str, str]] = []  # file, the sample that it names
        self._report = report

    def match(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The rows that match a new sample and whose objects are known, with the sample's id.

        The others are collected for ``without_objects``.
        """
        files, names = batch["file"].to_pylist(), batch["sample_id"].to_pylist()
        valid = batch["objects"].is_valid().to_pylist()
        rows = list(zip(files, names, valid, strict=True))
        samples = [
            self._sample(file, name) if has_objects else None for file, name, has_objects in rows
        ]
        pairs = zip(rows, samples, strict=True)
        self._without_predictions += [(row[0], row[1]) for row, sample in pairs if sample is None]
        return batch if samples == names else with_sample_ids(batch, samples)

    def _sample(self, file: str, name: str) -> str | None:
        """The sample of a file; None, and the file is reported as skipped, where there is none or it has a file."""
        sample = self._names.sample(name)
        if sample is None:
            reason = f"file_name: {self._names.why_unmatched(name)}"
            self._report.skip(file, reason, is_unmatched=True)
            return None
        # The first file of a sample counts, in the order of the paths, so that each run gives the same.
        if self._files.setdefault(sample, file) != file:
            self._report.skip(file, f"file_name: {self._files[sample]} is for {sample!r} too")
            return None
        if sample != self._names.strip(name):
            self._report.warn(OTHER_SPELLING, f"{name!r} is {sample!r}")
        return sample

    def without_objects(self) -> Iterator[pa.RecordBatch]:
        """A batch with NULL as objects: the samples whose only files were left out.

        A file that names no sample counts for the sample with the path of the file.
        """
        if not self._without_predictions:
            return
        file_of_sample: dict[str, str] = {}
        alike = self._names_by_stem()
        for file, name in self._without_predictions:
            sample = self._names.sample(name)
            candidates = [sample] if sample else alike.get(file.removesuffix(".json"), [])
            file_of_sample |= {one: file for one in candidates if one not in self._files}
        if file_of_sample:
            self._report.warn(UNKNOWN, next(iter(file_of_sample)), len(file_of_sample))
            nothing = pa.nulls(len(file_of_sample), OBJECTS)
            columns = [pa.array(list(file_of_sample.values())), pa.array(list(file_of_sample))]
            yield pa.record_batch([*columns, nothing], schema=BATCHES)

    def _names_by_stem(self) -> dict[str, list[str]]:
        """The samples by name without suffix: a.png and a.jpg share one."""
        names: dict[str, list[str]] = {}
        for name in self._names:
            names.setdefault(str(PurePosixPath(name).with_suffix("")), []).append(name)
        return names


def with_sample_ids(batch: pa.RecordBatch, samples: Sequence[str | None]) -> pa.RecordBatch:
    """The rows that have a sample, with its id as sample_id."""
    at = batch.schema.get_field_index("sample_id")
    renamed = batch.set_column(at, "sample_id", pa.array(samples, pa.string()))
    return renamed.filter(renamed["sample_id"].is_valid())


def _job(folder: Path, task: Task, paths: Sequence[str]) -> Job:
    """A job for ``work`` as plain JSON."""
    categories = [[category.id, category.name] for category in task.categories]
    task_dict = {"name": task.name, "type": task.type, "categories": categories}
    return {"kind": "predictions", "folder": str(folder), "task": task_dict, "paths": list(paths)}


def _task(task: dict[str, Any]) -> Task:
    """The task of a job."""
    return Task(task["name"], task["type"], tuple(Category(*c) for c in task["categories"]))


def _read_files(below: Below, paths: Sequence[str], report: Report) -> Iterator[tuple[Parsed, int]]:
    """Each file parsed, with its size in bytes; one that cannot be read has unknown objects."""
    for path in paths:
        try:
            data = read_bytes(below.path(path))
            yield Parsed(path, loads(data, finite=False)), len(data)
        except Fault as fault:
            yield _without_predictions(path, "", fault, report), 0


def _runs_by_size(sized_files: Iterator[tuple[Parsed, int]]) -> Iterator[list[Parsed]]:
    """The files in groups of about 32 MiB of JSON, so that memory stays bounded."""
    files: list[Parsed] = []
    total = 0
    for file, size in sized_files:
        files.append(file)
        total += size
        if total >= _BYTES:
            yield files
            files, total = [], 0
    if files:
        yield files


def to_batches(files: list[Parsed], task: Task, report: Report) -> Iterator[pa.RecordBatch]:
    """Batches of the files. They are checked all at once; one by one, to repair them, only where a rule is broken."""
    try:
        columns = to_columns(files, task)
        check(columns, task)
    except Unfit:
        files = [_usable_part(file, task, report) for file in files]
        columns = to_columns(files, task)
    warn(columns, files, task, report)
    return batches(columns, files, task)


def _usable_part(file: Parsed, task: Task, report: Report) -> Parsed:
    """The file with its usable objects, after a rule was broken somewhere in the batch."""
    if not file.objects_known:
        return file
    try:
        check_file(file.value, task)
    except Fault:
        try:
            return repaired(file, task, report)
        except Fault as fault:
            name = file.value.get("file_name") if isinstance(file.value, dict) else None
            return _without_predictions(
                file.path, name if isinstance(name, str) else "", fault, report
            )
    return file


def _without_predictions(path: str, name: str, fault: Fault, report: Report) -> Parsed:
    """A file that was left out, so that the objects of its sample are not known."""
    report.skip(path, str(fault))
    return Parsed(path, {"file_name": name, "predictions": []}, objects_known=False)
