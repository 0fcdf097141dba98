"""Steps that all imports share: store names, schemas and vectors, and note what was done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from sqlsel.catalog import Dataset
from sqlsel.catalog.embeddings import put_vectors
from sqlsel.catalog.prediction_tables import put_task
from sqlsel.catalog.samples import (
    put_samples,
)
from sqlsel.errors import CatalogError
from sqlsel.readers import Report, Task
from sqlsel.readers.predictions import OBJECTS


@dataclass
class Imported:
    """The outcome of an import: a line per table, and a report of what was left out."""

    dataset: Dataset
    report: Report
    tables: list[tuple[str, int, str]] = field(default_factory=list)  # name, rows, columns
    changed: bool = False
    partly: bool = False  # only some images are imported: a list of relevant ones
    empty: list[str] = field(default_factory=list)  # messages on sources that gave nothing

    def note(self, table: str, rows: int, columns: str) -> None:
        """Note a table that was considered, and how many of its rows are new or updated (may be 0)."""
        self.tables.append((table, rows, columns))
        self.changed = self.changed or rows > 0


def put_files(imported: Imported, files: pa.Table) -> tuple[int, int]:
    """Store the files that ``list_samples`` gave as samples; gives how many are new, and how many changed."""
    table = pa.table(
        {
            "sample_id": files["file_name"],
            "file_name": files["file_name"],
            "sequence_id": files["sequence"],
            "frame": files["frame"],
            "size": files["size"],
        }
    )
    return put_samples(imported.dataset, table)


def put_names(imported: Imported, names: Sequence[str]) -> None:
    """Store names alone as samples, without files, sizes or frames."""
    nothing = pa.nulls(len(names))
    table = pa.table(
        {
            "sample_id": pa.array(names, pa.string()),
            "file_name": pa.array(names, pa.string()),
            "sequence_id": nothing.cast(pa.string()),
            "frame": nothing.cast(pa.int32()),
            "size": nothing.cast(pa.int64()),
        }
    )
    new, changed = put_samples(imported.dataset, table)
    imported.note("samples", new + changed, "sample_id, file_name")


def names_of(dataset: Dataset) -> frozenset[str]:
    """The ids of all samples."""
    rows = dataset.con.execute(f"SELECT sample_id FROM {dataset.table('samples')}").fetchall()
    return frozenset(row[0] for row in rows)


def put_schema(imported: Imported, task: Task) -> bool:
    """Store the type and categories of a task; gives whether the task existed and they have changed."""
    categories = [(category.id, category.name) for category in task.categories]
    return put_task(imported.dataset, task.name, task.type, categories)


def stream(batches: Iterable[pa.RecordBatch]) -> tuple[Iterator[pa.RecordBatch], pa.Schema]:
    """The columns sample_id and objects of the batches, and their schema, which DuckDB needs beforehand."""
    schema = pa.schema([("sample_id", pa.string()), ("objects", OBJECTS)])
    return (batch.select(["sample_id", "objects"]) for batch in batches), schema


def is_name_free(
    imported: Imported, path: str, name: str, check: Callable[[Dataset, str], None]
) -> bool:
    """Whether a task or model may have this name (``check`` does not raise); else ``path`` is reported as skipped."""
    try:
        check(imported.dataset, name)
    except CatalogError as error:
        imported.report.skip(path, str(error))
        return False
    return True


def put_model(imported: Imported, model: str, vectors: pa.Table) -> None:
    """Store the vectors of a model, or of a task's objects; CatalogError where they would mix with computed ones."""
    if imported.dataset.origin(f"embeddings_{model}") and imported.dataset.count() > len(vectors):
        raise CatalogError(
            f"embedding {model!r} was computed by a model; give the vectors of all samples, or "
            "another name of the embedding"
        )
    count = put_vectors(imported.dataset, model, vectors)
    if count < len(vectors) and not imported.partly:
        some = f"{len(vectors) - count:,} of {len(vectors):,}"
        imported.report.warn("vectors of ids that are no samples are left out", some)
    imported.note(f"embeddings_{model}", count, imported.dataset.models()[model])
