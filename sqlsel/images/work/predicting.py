"""Computes predictions of images with the user's own model, and stores them as a task."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sqlsel.catalog import Dataset, transaction
from sqlsel.catalog.crop_tables import drop_crops
from sqlsel.catalog.imports.steps import put_schema, stream
from sqlsel.catalog.prediction_tables import join_predictions, put_predictions
from sqlsel.catalog.taken import check_task_name
from sqlsel.catalog.unfinished import Unfinished
from sqlsel.images.models.open_model import Model, Prediction
from sqlsel.images.models.street_classes import as_pretagging, to_pretagging
from sqlsel.images.work.file_work import Result, compute
from sqlsel.images.work.image_folder import Folder
from sqlsel.images.work.origins import Computed
from sqlsel.images.work.pictures import model_message, n_bytes, prepare_all, run_each
from sqlsel.images.work.work_report import Progress, Throughput, no_progress
from sqlsel.readers import Category, Task
from sqlsel.readers.batches import OBJECTS, estimated
from sqlsel.readers.pretagging import TASK as PRETAGGING
from sqlsel.readers.read_model import CLASSIFICATION
from sqlsel.sqltext.quoting import identifier, literal
from sqlsel.sqltext.sql_files import query

_BOX = "{'x': one.bbox[1], 'y': one.bbox[2], 'w': one.bbox[3], 'h': one.bbox[4]}"
_SCHEMA = pa.schema([("objects", OBJECTS)])
_STREAMED = pa.schema([("sample_id", pa.string()), *_SCHEMA])


class Predictor:
    """Work on files: predicts the objects of the task ``name``.

    The task ``lightly_pretagging`` has Lightly's seven street classes; other detections are
    dropped. ConfigError for a model without predictions, or without any of the seven.
    """

    columns = _SCHEMA

    def __init__(self, model: Model, name: str) -> None:
        model.predict([])
        self.model, self.batch, self.n_bytes = model, model.batch, n_bytes(model)
        self._mapping = None
        if name == PRETAGGING.name:
            self._mapping = to_pretagging(model.categories)
            self.task = PRETAGGING
        else:
            categories = (Category(number, text) for number, text in enumerate(model.categories))
            self.task = Task(name, model.kind, tuple(categories))

    @property
    def fingerprint(self) -> str:
        """A text that differs whenever all predictions have to be computed again."""
        return f"{self.model.fingerprint} {self.task.name}"

    def __call__(self, paths: Sequence[Path]) -> list[Result]:
        """The objects of each file; BadImage where it failed."""
        return run_each(prepare_all(self.model, paths), self._objects)

    def message(self, names: Sequence[str]) -> dict[str, Any]:
        return {"what": "predict", "model": model_message(self.model), "task": self.task.name}

    def _objects(self, images: Sequence[Any]) -> list[dict[str, Any]]:
        """The objects of each preprocessed image, as the catalogue stores them."""
        predictions = self.model.predict(images)
        if self._mapping is not None:
            predictions = [as_pretagging(one, self._mapping) for one in predictions]
        classes = len(self.task.categories)
        return [{"objects": [as_object(p, classes) for p in one]} for one in predictions]


def predict_folder(
    folder: Folder,
    predictor: Predictor,
    *,
    replace: bool = False,
    threads: int | None = None,
    progress: Progress = no_progress,
) -> Throughput:
    """Compute predictions of new and changed images, and store them as a task of the dataset.

    CatalogError where predictions of another origin have its name, unless ``replace``.
    """
    dataset, name = folder.dataset, predictor.task.name
    table = Computed(dataset, f"predictions_{name}", predictor.fingerprint)
    check_task_name(dataset, name)
    table.check(f"task {name!r}", replace=replace)
    unfinished = Unfinished(dataset, table.table, table.fingerprint, _SCHEMA)
    throughput = compute(
        unfinished,
        folder.root,
        table.outdated(folder.listed),
        predictor,
        threads=threads,
        progress=progress,
    )
    with transaction(dataset.con):
        if not table.is_current:  # crops of other objects are not crops of these
            drop_crops(dataset, name)
        table.clear()
        put_schema(folder.imported, predictor.task)
        rows = unfinished.done("path AS sample_id, objects")
        put_predictions(dataset, name, *stream(_with_failed(rows, unfinished).to_batches()))
        join_predictions(dataset, name, unknown=True)
        table.note(folder.listed, rows["sample_id"].to_pylist())
        folder.close(unfinished)
    folder.imported.note(table.table, len(rows), "objects, class_distribution, scores")
    return throughput


def _with_failed(rows: pa.Table, unfinished: Unfinished) -> pa.Table:
    """The predictions, and NULL for pictures that could not be read: what is on them is not known."""
    unread = [path for path, _ in unfinished.failed()]
    nothing = [pa.array(unread, pa.string()), pa.nulls(len(unread), OBJECTS)]
    return pa.concat_tables([rows.cast(_STREAMED), pa.table(nothing, schema=_STREAMED)])


def as_object(prediction: Prediction, classes: int) -> dict[str, Any]:
    """A prediction as the catalogue stores it; missing probabilities are estimated.

    Lightly's own estimate: p[category] = score, the others share the rest equally.
    """
    probabilities = prediction.probabilities
    if probabilities is None:
        score, category = np.array([prediction.score]), np.array([prediction.category])
        probabilities = tuple(estimated(score, category, classes)[0].tolist())
    return {
        "category_id": prediction.category,
        "score": prediction.score,
        "bbox": prediction.bbox,
        "probabilities": probabilities,
    }


def rows_of_task(dataset: Dataset, task: str) -> pa.Table:
    """A row per object: sample_id, object (its number), category, score, bbox, probabilities."""
    kind, _ = dataset.tasks()[task]
    text = query("catalog/objects_rows").format(
        d=identifier(dataset.name),
        predictions=identifier(f"predictions_{task}"),
        task=literal(task),
        bbox=f"{_BOX} AS bbox,\n    " if kind != CLASSIFICATION else "",
    )
    return dataset.con.sql(text).to_arrow_table()
