"""Reads metadata files into a table: one row per sample, one typed column per key."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from sqlsel.readers import json_checks, typed
from sqlsel.readers.belonging import EntriesBySample
from sqlsel.readers.import_report import Report
from sqlsel.readers.join_names import SampleNames, as_names
from sqlsel.readers.metadata_fields import (
    KINDS,
    RESERVED,
    MetadataField,
    check,
    read_schema,
    with_value,
)
from sqlsel.readers.paths import Below
from sqlsel.readers.processes import Job, JobResult, n_processes, run_jobs
from sqlsel.readers.strict import Fault, load

__all__ = ["MetadataField", "read_metadata", "read_schema"]

TYPES = ("image", "video", "frame")
LEFT_OUT = "keys lightly.* are reserved and are left out"
RENAMED = "keys that would hide columns are renamed"
_COLUMNS = ("file", "sample_id")
_FILES = 2_000  # per job
_SCHEMA = "schema.json"
_ROWS = pa.schema([(n, pa.string()) for n in ("file", "type", "file_name", "metadata")])

Row = tuple[str | None, str, dict[str, Any]]  # file, sample, metadata


def read_metadata(  # noqa: PLR0913 - what is read, for whom, and how
    folder: Path,
    paths: Sequence[str],
    names: Collection[str] | SampleNames,
    report: Report,
    *,
    fields: Sequence[MetadataField] | None = None,
    all_samples: bool = False,
    processes: int | None = None,
) -> pa.Table:
    """A table of file, sample_id and a column per key, a row for each sample in ``names`` with a file among ``paths``.

    The file of a video holds for all its frames, except those with a file of their own.
    ``fields``: those of schema.json; their defaults fill missing values. ``all_samples``: also
    samples without a file, with NULL as ``file`` and the defaults as values. Files that cannot be used are
    reported as skipped; ``processes``: how many read (None: chosen by the number of files).
    """
    schema = list(read_schema(folder.parent) if fields is None else fields)
    files = [path for path in paths if path != _SCHEMA]
    jobs = (_job(folder, schema, files[at : at + _FILES]) for at in range(0, len(files), _FILES))
    samples = as_names(names)
    by_sample = EntriesBySample(samples)
    for result in run_jobs(jobs, work, processes=n_processes(processes, len(files))):
        report.add(result.report)
        for batch in result.batches:
            for file, kind, name, metadata in zip(*batch.to_pydict().values(), strict=True):
                by_sample.add(file, kind, name, json.loads(metadata), report)
    rows: list[Row] = by_sample.rows()
    if all_samples:
        rows += [(None, name, {}) for name in set(samples) - {row[1] for row in rows}]
    return _table(sorted(rows, key=lambda row: row[1]), schema, report)


def work(job: Job) -> JobResult:
    """Read and check the files of one job, in this process or a worker."""
    report = Report()
    fields = [MetadataField(**field) for field in job["fields"]]
    below = Below(job["folder"])
    rows: list[dict[str, str | None]] = []
    for path in job["paths"]:
        try:
            rows += [_checked_entry(path, entry, fields, report) for entry in _entries(below, path)]
        except Fault as fault:
            report.skip(path, str(fault))
    return JobResult([pa.RecordBatch.from_pylist(rows, _ROWS)] if rows else [], report)


def _job(folder: Path, fields: Sequence[MetadataField], paths: Sequence[str]) -> Job:
    """A job for ``work`` as plain JSON."""
    field_dicts = [asdict(field) for field in fields]
    return {"kind": "metadata", "folder": str(folder), "fields": field_dicts, "paths": list(paths)}


def _entries(below: Below, path: str) -> list[dict[str, Any]]:
    """The entries of a file: one, or in the old format one per image."""
    top = json_checks.mapping(load(below.path(path)), "the whole file")
    if "images" in top and isinstance(top.get("metadata"), list):
        return list(_bulk(top))
    json_checks.mapping(json_checks.member(top, "metadata", ""), "metadata")
    return [top]


def _bulk(top: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The entries of the old format: a list of images with ids, and metadata that refer to the ids."""
    names: dict[int, str] = {}
    for index, image in enumerate(json_checks.sequence(top["images"], "images")):
        path = f"images[{index}]"
        number = json_checks.integer(
            json_checks.member(json_checks.mapping(image, path), "id", path),
            f"{path}.id",
            high=2**63,
        )
        if number in names:
            raise Fault(f"{path}.id: {number} appears twice")
        names[number] = json_checks.text(
            json_checks.member(image, "file_name", path), f"{path}.file_name"
        )
    for index, entry in enumerate(top["metadata"]):
        path = f"metadata[{index}]"
        number = json_checks.member(json_checks.mapping(entry, path), "image_id", path)
        if type(number) is not int or number not in names:
            json_checks.refuse(f"{path}.image_id", "the id of an image of the file", number)
        metadata = {key: value for key, value in entry.items() if key != "image_id"}
        yield {"file_name": names[number], "metadata": metadata}


def _checked_entry(
    path: str, entry: dict[str, Any], fields: list[MetadataField], report: Report
) -> dict[str, str | None]:
    """An entry as a row of the schema _ROWS; a Fault where a key or value is not valid. Reserved keys are left out."""
    kind, name, metadata = entry.get("type"), entry.get("file_name"), dict(entry["metadata"])
    if kind is not None:
        json_checks.one_of(kind, "type", TYPES)
    if name is not None:
        json_checks.text(name, "file_name")
    for key in [key for key in metadata if key == RESERVED or key.startswith(f"{RESERVED}.")]:
        report.warn(LEFT_OUT, f"{path}: metadata.{key}")
        del metadata[key]
    _check_keys(metadata, "metadata")
    check(metadata, fields)
    return {"file": path, "type": kind, "file_name": name, "metadata": json.dumps(metadata)}


def _check_keys(value: Any, path: str) -> None:
    """A Fault for an empty key at any depth, since a column needs a name."""
    if isinstance(value, dict):
        for key, member in value.items():
            if not key:
                raise Fault(f"{path}: a key is empty; give it a name")
            _check_keys(member, f"{path}.{key}")
    elif isinstance(value, list):
        for at, member in enumerate(value):
            _check_keys(member, f"{path}[{at}]")


def _table(rows: list[Row], fields: Sequence[MetadataField], report: Report) -> pa.Table:
    """The rows as a table, with the types of the schema where a column has no value."""
    trees = [tree for _, _, tree in rows]
    for field in fields:
        literal = any(field.path in tree for tree in trees)
        steps = (field.path,) if literal else field.steps
        trees = [with_value(tree, field, steps) for tree in trees]
    empty = {_typed_path(field): _type(field) for field in fields}
    keys = typed.keys_of(trees, "", report)
    columns = [
        pa.array([row[0] for row in rows], pa.string()),
        pa.array([row[1] for row in rows], pa.string()),
        *(typed.array([tree.get(key) for tree in trees], key, empty, report) for key in keys),
    ]
    return pa.table(columns, names=[*_COLUMNS, *_renamed(keys, report)])


def _renamed(keys: Sequence[str], report: Report) -> list[str]:
    """The keys as column names, with ``_`` appended where they are called file or sample_id."""
    taken = {*_COLUMNS, *keys}
    names: list[str] = []
    for key in keys:
        name = key
        while key in _COLUMNS and name in taken:
            name = f"{name}_"
        if name != key:
            report.warn(RENAMED, f"{key} is {name}")
        taken.add(name)
        names.append(name)
    return names


def _typed_path(field: MetadataField) -> str:
    """The path of a field as ``typed.array`` writes it: ``a[].b``."""
    steps = [f".{step}" if isinstance(step, str) else "[]" for step in field.steps]
    return "".join(steps).removeprefix(".")


def _type(field: MetadataField) -> pa.DataType:
    """The Arrow type of a field, for a column without any value."""
    example = {"a number": pa.float64(), "an integer": pa.int64(), "true or false": pa.bool_()}
    return example.get(KINDS[field.type].words, pa.string())
