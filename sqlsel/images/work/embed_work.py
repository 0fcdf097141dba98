"""Vectors of images by the user's own model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sqlsel.catalog import Dataset, transaction
from sqlsel.catalog.embeddings import put_vectors
from sqlsel.catalog.taken import check_model_name
from sqlsel.catalog.unfinished import Unfinished
from sqlsel.errors import SqlselError
from sqlsel.images.models.open_model import Model
from sqlsel.images.work.file_work import Result, compute
from sqlsel.images.work.image_folder import Folder
from sqlsel.images.work.origins import Computed
from sqlsel.images.work.pictures import each, prepared, told_model, weight
from sqlsel.images.work.work_report import Pace, Progress, silent

VECTOR = pa.schema([("embedding", pa.list_(pa.float32()))])


class Embedder:
    """Gives files their vectors; raises ConfigError for a model that gives none."""

    columns = VECTOR

    def __init__(self, model: Model) -> None:
        model.embed([])
        self.model, self.batch, self.weight = model, model.batch, weight(model)

    def __call__(self, paths: Sequence[Path]) -> list[Result]:
        images = prepared(self.model, paths)
        return each(images, lambda some: [{"embedding": v} for v in self.model.embed(some)])

    def told(self, names: Sequence[str]) -> dict[str, Any]:
        return {"what": "embed", "model": told_model(self.model)}


def embed_folder(
    folder: Folder,
    embedder: Embedder,
    name: str,
    *,
    replace: bool = False,
    threads: int | None = None,
    progress: Progress = silent,
) -> Pace:
    """Vectors of the images that are new or changed, as the embedding model ``name`` of the dataset.

    Raises CatalogError where vectors of another origin have the name, unless ``replace``.
    """
    dataset, model = folder.dataset, embedder.model
    table = Computed(dataset, f"embeddings_{name}", model.fingerprint)
    check_model_name(dataset, name)
    table.check(f"embedding {name!r}", replace=replace)
    unfinished = Unfinished(dataset, table.table, model.fingerprint, VECTOR)
    pace = compute(
        unfinished,
        folder.root,
        table.lacking(folder.listed),
        embedder,
        threads=threads,
        progress=progress,
    )
    with transaction(dataset.con):
        table.clear()
        rows = unfinished.done("path AS sample_id, embedding")
        if len(rows):
            put_vectors(dataset, name, one_width(rows))
        _drop_vectors(dataset, table.table, [path for path, _ in unfinished.failed()])
        table.note(folder.listed, rows["sample_id"].to_pylist())
        folder.close(unfinished)
    folder.done.note(table.table, len(rows), dataset.models().get(name, ""))
    return pace


def _drop_vectors(dataset: Dataset, table: str, names: list[str]) -> None:
    """A vector of what a file held before is not one of what it holds now."""
    if table in dataset.tables():
        dataset.con.execute(
            f"DELETE FROM {dataset.table(table)} WHERE list_contains(?, sample_id)", [names]
        )


def one_width(rows: pa.Table) -> pa.Table:
    """The vectors with their width in their type."""
    widths = pc.unique(pc.list_value_length(rows["embedding"]))
    if len(widths) != 1:
        raise SqlselError("the model gives vectors of different lengths for different images")
    kind = pa.list_(pa.float32(), widths[0].as_py())
    place = rows.column_names.index("embedding")
    return rows.set_column(place, "embedding", rows["embedding"].cast(kind))
