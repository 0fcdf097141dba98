"""Computes vectors of images with the user's own model."""

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
from sqlsel.images.work.pictures import model_message, n_bytes, prepare_all, run_each
from sqlsel.images.work.work_report import Progress, Throughput, no_progress

VECTOR = pa.schema([("embedding", pa.list_(pa.float32()))])


class Embedder:
    """Work on files: gives their vectors; ConfigError for a model without embedding."""

    columns = VECTOR

    def __init__(self, model: Model) -> None:
        model.embed([])
        self.model, self.batch, self.n_bytes = model, model.batch, n_bytes(model)

    def __call__(self, paths: Sequence[Path]) -> list[Result]:
        images = prepare_all(self.model, paths)
        return run_each(images, lambda some: [{"embedding": v} for v in self.model.embed(some)])

    def message(self, names: Sequence[str]) -> dict[str, Any]:
        return {"what": "embed", "model": model_message(self.model)}


def embed_folder(
    folder: Folder,
    embedder: Embedder,
    name: str,
    *,
    replace: bool = False,
    threads: int | None = None,
    progress: Progress = no_progress,
) -> Throughput:
    """Compute vectors of new and changed images, and store them as the embedding ``name`` of the dataset.

    CatalogError where vectors of another origin have the name, unless ``replace``.
    """
    dataset, model = folder.dataset, embedder.model
    table = Computed(dataset, f"embeddings_{name}", model.fingerprint)
    check_model_name(dataset, name)
    table.check(f"embedding {name!r}", replace=replace)
    unfinished = Unfinished(dataset, table.table, model.fingerprint, VECTOR)
    throughput = compute(
        unfinished,
        folder.root,
        table.outdated(folder.listed),
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
    folder.imported.note(table.table, len(rows), dataset.models().get(name, ""))
    return throughput


def _drop_vectors(dataset: Dataset, table: str, names: list[str]) -> None:
    """Delete the vectors of files that failed: those that are stored were of their former content."""
    if table in dataset.tables():
        dataset.con.execute(
            f"DELETE FROM {dataset.table(table)} WHERE list_contains(?, sample_id)", [names]
        )


def one_width(rows: pa.Table) -> pa.Table:
    """The vectors as fixed-size lists; SqlselError where they differ in length."""
    widths = pc.unique(pc.list_value_length(rows["embedding"]))
    if len(widths) != 1:
        raise SqlselError("the model gives vectors of different lengths for different images")
    kind = pa.list_(pa.float32(), widths[0].as_py())
    place = rows.column_names.index("embedding")
    return rows.set_column(place, "embedding", rows["embedding"].cast(kind))
