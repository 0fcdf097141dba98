"""Datasets with their samples, metadata, vectors, predictions and tags, as tables."""

from sqlsel.catalog.database import connect, is_catalog, prepare, transaction
from sqlsel.catalog.dataset import Dataset
from sqlsel.catalog.datasets import create_dataset, datasets, open_dataset
from sqlsel.catalog.views import make_views

__all__ = [
    "Dataset",
    "connect",
    "create_dataset",
    "datasets",
    "is_catalog",
    "make_views",
    "open_dataset",
    "prepare",
    "transaction",
]
