"""A small data set, made by hand: five images, two tasks, metadata, vectors."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from sqlsel.catalog import Dataset, create_dataset, make_views, prepare, transaction
from sqlsel.catalog.embeddings import put_vectors
from sqlsel.catalog.prediction_tables import join_predictions, put_predictions, put_task
from sqlsel.catalog.samples import put_metadata, put_samples

NAMES = ["cam1/a.jpg", "cam1/b.jpg", "cam1/c.jpg", "cam2/d.jpg", "cam2/e.jpg"]
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
CARS = [(0, "car"), (7, "bus")]
WEATHER = [(0, "sunny"), (1, "cloudy"), (2, "rainy")]
OBJECTS: dict[str, list[dict[str, Any]]] = {
    "cam1/a.jpg": [
        {"category_id": 7, "score": 0.5, "bbox": [1, 2, 3, 4], "probabilities": [0.5, 0.5]},
        {"category_id": 0, "score": 0.8, "bbox": [5, 6, 7, 8], "probabilities": [0.8, 0.2]},
    ],
    "cam1/b.jpg": [],
    "cam2/d.jpg": [
        {"category_id": 0, "score": 1.0, "bbox": [0, 0, 9, 9], "probabilities": [1.0, 0.0]},
    ],
}
VECTORS = [[1.0, 0.0], [0.0, 1.0], [0.7, 0.7], [-1.0, 0.0], [0.0, -1.0]]


def samples(names: list[str], size: int = 10) -> pa.Table:
    """A table as ``put_samples`` takes it."""
    return pa.table(
        {
            "sample_id": pa.array(names, pa.string()),
            "file_name": pa.array(names, pa.string()),
            "sequence_id": pa.nulls(len(names), pa.string()),
            "frame": pa.nulls(len(names), pa.int32()),
            "size": pa.array([size] * len(names), pa.int64()),
        }
    )


def batch(objects: dict[str, list[dict[str, Any]]]) -> pa.RecordBatch:
    """Predictions as ``put_predictions`` takes them."""
    return pa.record_batch(
        {
            "sample_id": pa.array(list(objects), pa.string()),
            "objects": pa.array(list(objects.values()), pa.list_(OBJECT)),
        }
    )


def put(dataset: Dataset, task: str, objects: dict[str, list[dict[str, Any]]]) -> None:
    """Store the predictions of a task."""
    given = batch(objects)
    put_predictions(dataset, task, [given], given.schema)
    join_predictions(dataset, task)


def weather(names: list[str]) -> pa.Table:
    """Metadata as ``put_metadata`` takes it."""
    told = [{"temperature": 10.0 * i, "description": WEATHER[i % 3][1]} for i in range(len(names))]
    return pa.table({"sample_id": names, "weather": told, "speed": list(range(len(names)))})


def make(con: Any, name: str = "demo") -> Dataset:
    """The data set as a dataset of the catalogue ``con``."""
    prepare(con)
    with transaction(con):
        dataset = create_dataset(con, name)
        put_samples(dataset, samples(NAMES))
        put_metadata(dataset, weather(NAMES), whole=True)
        put_task(dataset, "objects", "object-detection", CARS)
        put(dataset, "objects", OBJECTS)
        put_task(dataset, "scene", "classification", WEATHER)
        put(dataset, "scene", {n: [_scene(i)] for i, n in enumerate(NAMES)})
        vectors = pa.array(VECTORS, pa.list_(pa.float32(), 2))
        put_vectors(dataset, "default", pa.table({"sample_id": NAMES, "embedding": vectors}))
        make_views(dataset)
    return dataset


def _scene(i: int) -> dict[str, Any]:
    best = 0.4 + 0.1 * i
    rest = (1 - best) / 2
    return {"category_id": 0, "probabilities": [best, rest, rest]}
