"""Datasets with their samples, metadata, vectors, predictions and tags, as tables."""

from sqlsel.catalog.database import connect, is_catalog, prepare, transaction
from sqlsel.catalog.dataset import Dataset, create_dataset, datasets, open_dataset

__all__ = [
    "Dataset",
    "connect",
    "create_dataset",
    "datasets",
    "is_catalog",
    "open_dataset",
    "prepare",
    "transaction",
]
