"""Columns of made-up relations, with DuckDB's own type objects."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import re

import duckdb

from sqlsel.errors import CatalogError

DIGITS = {
    "sample_id": "VARCHAR",
    "file_name": "VARCHAR",
    "digit": "INTEGER",
    "image": "STRUCT(ink DOUBLE, half VARCHAR)",
    "lightly": "STRUCT(sharpness DOUBLE, snr DOUBLE, sizeInBytes BIGINT, luminance DOUBLE, width INTEGER, height INTEGER)",
    "embedding": "FLOAT[]",
    "digit_classifier": "STRUCT(probabilities DOUBLE[], class_distribution STRUCT(zero DOUBLE, one DOUBLE, two DOUBLE, three DOUBLE,"
    " four DOUBLE, five DOUBLE, six DOUBLE, seven DOUBLE, eight DOUBLE, nine DOUBLE), uncertainty_entropy DOUBLE,"
    " uncertainty_margin DOUBLE, uncertainty_least_confidence DOUBLE)",
    "is_query": "BOOLEAN",
}
CLASSES = ["bicycle", "bus", "car", "motorcycle", "person", "train", "truck"]
STREETS = {
    "sample_id": "VARCHAR",
    "embedding": "FLOAT[32]",
    "weather": "STRUCT(description VARCHAR, temperature DOUBLE, rain BOOLEAN, hour INTEGER, station STRUCT(id INTEGER), raw JSON)",
    "lightly": "STRUCT(sharpness DOUBLE, sizeInBytes BIGINT)",
    "camera.id": "UTINYINT",
    "is_labelled": "BOOLEAN",
    "taken": "DATE",
    "my_object_detection_task": "STRUCT(uncertainty_entropy FLOAT)",
    "my_classification_task": "STRUCT(probabilities DOUBLE[])",
    "my_segmentation_task.uncertainty_entropy": "DOUBLE",
    "fixed": "STRUCT(probabilities FLOAT[3], objectness_least_confidence DOUBLE, note VARCHAR)",
    "counts": "STRUCT(class_distribution MAP(VARCHAR, INTEGER))",
    "words": "STRUCT(class_distribution VARCHAR[])",
    "lightly_pretagging": f"STRUCT(class_distribution STRUCT({', '.join(f'{name} DOUBLE' for name in CLASSES)}))",
}


def columns(types):
    """The types by name, as DuckDB reports them for a relation."""
    listed = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in types.items())
    relation = duckdb.connect().sql(f"SELECT {listed}")
    return dict(zip(relation.columns, relation.types, strict=True))


def without_place(error: BaseException) -> str:
    """The message; of what the data lacks without the place, which must be one of the configuration."""
    if not isinstance(error, CatalogError):
        return str(error)
    place, _, message = str(error).partition(": ")
    assert re.fullmatch(r"(strategies\[\d+\]|auto_tasks|worker_config)[\w.]*", place), error
    return message
