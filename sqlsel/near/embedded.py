"""The vectors of a dataset, or of a file, in the order of their ids."""

from __future__ import annotations

from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa

from sqlsel.catalog import Dataset
from sqlsel.catalog.dataset import DEFAULT_MODEL
from sqlsel.columns.id_column import Keys
from sqlsel.columns.memory import MemoryBudget
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
    they were brought to unit length. ``without``: how many samples have no vector. ``graphs`` may keep graphs of them.
    ``invalid``: how many of those have one that cannot be used. ``others``: the models that were not used,
    where nobody named one.
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
        """What there is to say of the vectors that were used, where others could have been."""
        others = ", ".join(self.others)
        return [f"{self.name} (--embedding takes others: {others})"] if others else []

    @property
    def missing(self) -> list[str]:
        """How many samples take no part, and why."""
        counts = {
            "without a vector": self.without - self.invalid,
            "with a vector that cannot be used": self.invalid,
        }
        return [f"{count:,} {why}" for why, count in counts.items() if count]

    @property
    def metric(self) -> str:
        """What the distances are between."""
        return "unit vectors" if self.normalized else "vectors"


def embedded_in(
    dataset: Dataset, model: str | None, *, normalize: bool, on_invalid: str = "error"
) -> Embedded:
    """The vectors of a model (None: the first) of a dataset; CatalogError where there is none.

    ``on_invalid``: 'error', or 'skip' for samples whose vector cannot be used.
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
    how = _How(f"embedding {name!r}", normalize, on_invalid)
    found = _read(dataset.con, rows, how)
    return replace(
        found,
        without=dataset.count() - len(found.ids),
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
    """The vectors of a file or a pattern of files that DuckDB reads; CatalogError for what it lacks."""
    source = open_source(con, data)
    key, column = source.id_column(id), embedding or "embedding"
    if key is None:
        known = ", ".join(source.columns)
        raise CatalogError(f"{data}: name the column of the ids with --id; it has {known}")
    if column not in source.columns:
        raise CatalogError(f"{data}: {unknown('column', column, source.columns)}")
    rows = f"SELECT {identifier(key)}, {identifier(column)} FROM {source.sql}"
    return _read(con, rows, _How(column, normalize, on_invalid))


@dataclass(frozen=True)
class _How:
    """How the vectors of this name are read."""

    name: str
    normalize: bool
    on_invalid: str


def _read(con: duckdb.DuckDBPyConnection, query: str, how: _How) -> Embedded:
    """The rows (id, vector) of a query, those with a vector in the order of their ids."""
    keys, vectors, at = Keys("the id", MemoryBudget()), Vectors(how.name, MemoryBudget()), 0
    for batch in con.sql(query).to_arrow_reader():
        places = np.arange(at, at + len(batch))
        keys.put(places, batch.column(0))
        later = vectors.put(places, batch.column(1))
        if later is not None:
            later()
        at += len(batch)
    ids, order = keys.finish(at)
    matrix, present = vectors.finish(at)
    by_id = np.argsort(order)
    by_id = by_id[present[by_id]]
    if not len(by_id):
        return Embedded(ids[:0], np.empty((0, 1), np.float32), how.name, how.normalize, at)
    every = np.ones(len(by_id), np.bool_)
    ids = ids.take(pa.array(by_id))
    given = matrix[by_id].view(Owned)
    try:
        unit, usable = ingest_vectors(given, every, every, **vars(how))
    except InvalidInput as error:
        if error.row is None:
            raise
        raise error.told(f"{error.row + 1} (id {ids[error.row].as_py()!r})") from None
    unit, invalid = np.asarray(unit), int((~usable).sum())
    if invalid:
        unit, ids = unit[usable], ids.filter(pa.array(usable))
    return Embedded(ids, unit, how.name, how.normalize, at - len(ids), invalid=invalid)
