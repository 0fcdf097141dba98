"""Tables of libraries that neither DuckDB nor Polars reads: data sets of Hugging Face, expressions of ibis.

They are known by what they can do, so that none of these libraries is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlsel.errors import InvalidInput

if TYPE_CHECKING:
    import pyarrow as pa


def is_foreign(data: Any) -> bool:
    """Whether ``as_arrow`` is needed, or says in words why it cannot be read."""
    return _is_dataset(data) or _is_stream(data) or _has_splits(data) or _is_expression(data)


def as_arrow(data: Any) -> pa.Table:
    """All rows of such a table; InvalidInput for what has none to give."""
    name = type(data).__name__
    if _has_splits(data):
        first = next(iter(data))
        raise InvalidInput(
            f"{name} has the splits {', '.join(map(str, data))}; name one, as in data[{first!r}]"
        )
    if _is_stream(data):
        raise InvalidInput(
            f"rows of {name} can be read once and from the front only; "
            "load it without streaming, or write it to Parquet files"
        )
    if _is_expression(data):
        return data.to_pyarrow()
    # Rows that were chosen or sorted before are looked up by the library itself.
    return data.with_format("arrow")[:] if data._indices is not None else data.data.table  # noqa: SLF001


def _is_dataset(data: Any) -> bool:
    """A ``datasets.Dataset``."""
    made = getattr(data, "data", None)
    return hasattr(data, "with_format") and hasattr(made, "table") and hasattr(data, "_indices")


def _is_stream(data: Any) -> bool:
    """A ``datasets.IterableDataset``."""
    return (
        hasattr(data, "with_format") and hasattr(data, "features") and not hasattr(data, "__len__")
    )


def _has_splits(data: Any) -> bool:
    """A ``datasets.DatasetDict``."""
    return isinstance(data, Mapping) and hasattr(data, "with_format") and len(data) > 0


def _is_expression(data: Any) -> bool:
    """A table of ibis."""
    return hasattr(data, "to_pyarrow") and hasattr(data, "schema") and hasattr(data, "op")
