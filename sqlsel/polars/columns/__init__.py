"""Reads Polars series into NumPy arrays; all rules about Polars' types are here."""

from sqlsel.polars.columns.categories import categories
from sqlsel.polars.columns.flags import flags
from sqlsel.polars.columns.ids import ids
from sqlsel.polars.columns.masking import only
from sqlsel.polars.columns.number_series import numbers
from sqlsel.polars.columns.vector_series import as_arrow, holds_numbers, vectors

__all__ = ["as_arrow", "categories", "flags", "holds_numbers", "ids", "numbers", "only", "vectors"]
