"""``DatasetType`` under the path of older scripts."""

from sqlsel.lightly.names import DatasetType

__all__ = ["DatasetType"]
