"""Reads the vectors of a dataset or of a file into one matrix, in the order of ids."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from sqlsel.catalog import Dataset
from sqlsel.catalog.dataset import DEFAULT_MODEL
from sqlsel.columns.id_column import Keys
from sqlsel.columns.memory import MemoryBudget
from sqlsel.columns.reading import rows_counted_from_one
from sqlsel.columns.vector_column import Vectors
from sqlsel.engine.kernels.exact import Matrix
from sqlsel.engine.kernels.vector_input import Owned, ingest_vectors
from sqlsel.engine.neighbours.graphs import IN_MEMORY, Graphs
from sqlsel.errors import CatalogError, InvalidInput, unknown
from sqlsel.feed.shelves import graphs_of
from sqlsel.jobs.sources import open_source
from sqlsel.sqltext.quoting import identifier


@dataclass(frozen=True)
class Embedded:
    """Samples that have a vector: row i of ``matrix`` is the vector of ``ids[i]``.

    ``name``: of the vectors, as the user calls them; ``model``: their name in a catalogue. ``normalized``: whether
    they were brought to unit length. ``without``: how many samples are missing here; ``invalid``: how many of those
    have a vector with NaN or infinity, or of zeros. ``graphs``: where neighbour graphs are cached. ``others``: further
    models of the dataset, where the user named none.
    """

    ids: pa.Array
    matrix: Matrix
    name: str
    normalized: bool
    without: int
    graphs: Graphs = IN_MEMORY
    model: str = ""
    others: tuple[str, ...] = ()
    invalid: int = 0

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def which(self) -> list[str]:
        """A note on which model was used, where there are others; else nothing."""
        others = ", ".join(self.others)
        return [f"{self.name} (--embedding takes others: {others})"] if others else []

    @property
    def missing(self) -> list[str]:
        """Notes on how many samples are left out, and why."""
        counts = {
            "without a vector": self.without - self.invalid,
            "with a vector that cannot be used": self.invalid,
        }
        return [f"{count:,} {why}" for why, count in counts.items() if count]

    @property
    def metric(self) -> str:
        """The noun for messages on distances: between what they are."""
        return "unit vectors" if self.normalized else "vectors"


def embedded_in(
    dataset: Dataset, model: str | None, *, normalize: bool, on_invalid: str = "error"
) -> Embedded:
    """The vectors of a model of a dataset (None: the first); CatalogError where there is no such model.

    ``normalize``: bring them to unit length. ``on_invalid``: 'error' (InvalidInput) or 'skip' for vectors with
    NaN or infinity, and for vectors of zeros where they are normalized.
    """
    tasks = dataset.tasks()
    models = [name for name in dataset.models() if name not in tasks]
    if not models:
        raise CatalogError(
            f"dataset {dataset.name!r} has no vectors; import them with sqlsel import vectors FILE"
        )
    if model is not None and model not in models:
        raise CatalogError(unknown("embedding", model, models))
    name = model or models[0]
    rows = f"SELECT sample_id, embedding FROM {dataset.table(f'embeddings_{name}')}"
    how = _Reading(f"embedding {name!r}", normalize, on_invalid)
    samples = _read(dataset.con, rows, how)
    return replace(
        samples,
        without=dataset.count() - len(samples.ids),
        graphs=graphs_of(dataset.con),
        model=name,
        others=() if model or name == DEFAULT_MODEL else tuple(models[1:]),
    )


def embedded_in_file(
    con: duckdb.DuckDBPyConnection,
    data: str,
    *,
    id: str | None = None,
    embedding: str | None = None,
    normalize: bool = True,
    on_invalid: str = "error",
) -> Embedded:
    """The vectors in column ``embedding`` of a file or a glob pattern that DuckDB reads.

    ``id``: the column of ids. CatalogError for a file or column that is missing; else as ``embedded_in``.
    """
    source = open_source(con, data)
    key, column = source.id_column(id), embedding or "embedding"
    if key is None:
        columns = ", ".join(source.columns)
        raise CatalogError(f"{data}: name the column of the ids with --id; it has {columns}")
    if column not in source.columns:
        raise CatalogError(f"{data}: {unknown('column', column, source.columns)}")
    rows = f"SELECT {identifier(key)}, {identifier(column)} FROM {source.sql}"
    return _read(con, rows, _Reading(column, normalize, on_invalid))


@dataclass(frozen=True)
class _Reading:
    """How vectors are checked: the arguments of ``ingest_vectors``; ``name`` is for its messages."""

    name: str
    normalize: bool
    on_invalid: str


def _read(con: duckdb.DuckDBPyConnection, query: str, how: _Reading) -> Embedded:
    """Run a query of (id, vector); gives the rows that have a vector, in the order of ids."""
    ids, order, matrix, present = _columns(con, query, how)
    at = len(ids)
    by_id = np.argsort(order)
    by_id = by_id[present[by_id]]
    if not len(by_id):
        return Embedded(ids[:0], np.empty((0, 1), np.float32), how.name, how.normalize, at)
    every = np.ones(len(by_id), np.bool_)
    ids = ids.take(pa.array(by_id))
    vectors_by_id = matrix[by_id].view(Owned)
    try:
        unit, usable = ingest_vectors(vectors_by_id, every, every, **vars(how))
    except InvalidInput as error:
        if error.row is None:
            raise
        raise error.naming_row(f"{error.row + 1} (id {ids[error.row].as_py()!r})") from None
    unit, invalid = np.asarray(unit), int((~usable).sum())
    if invalid:
        unit, ids = unit[usable], ids.filter(pa.array(usable))
    return Embedded(ids, unit, how.name, how.normalize, at - len(ids), invalid=invalid)


@rows_counted_from_one()
def _columns(con: duckdb.DuckDBPyConnection, query: str, how: _Reading) -> tuple[Any, ...]:
    """(ids, rank of each id, matrix, which rows have a vector) of a query of (id, vector), read batch by batch."""
    keys, vectors, at = Keys("the id", MemoryBudget()), Vectors(how.name, MemoryBudget()), 0
    for batch in con.sql(query).to_arrow_reader():
        places = np.arange(at, at + len(batch))
        keys.put(places, batch.column(0))
        later = vectors.put(places, batch.column(1))
        if later is not None:  # the part that needs no lock where rows arrive in several threads
            later()
        at += len(batch)
    return *keys.finish(at), *vectors.finish(at)
