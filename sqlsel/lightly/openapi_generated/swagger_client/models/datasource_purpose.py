"""``DatasourcePurpose`` under the path of older scripts."""

from sqlsel.lightly.names import DatasourcePurpose

__all__ = ["DatasourcePurpose"]
