"""Tables that neither DuckDB nor Polars reads, as Arrow tables: Hugging Face data sets, ibis expressions.

They are recognized by their methods, so that these libraries are not imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlsel.errors import InvalidInput

if TYPE_CHECKING:
    import pyarrow as pa


def is_foreign(data: Any) -> bool:
    """Whether it is a Hugging Face data set, stream or dict of splits, or an ibis table: what ``as_arrow`` takes.

    Reads no data. ``as_arrow`` converts data sets and expressions, and says of the others why it cannot.
    """
    return _is_dataset(data) or _is_stream(data) or _has_splits(data) or _is_expression(data)


def as_arrow(data: Any) -> pa.Table:
    """All rows of what ``is_foreign`` accepts, as an Arrow table with its columns' names.

    A data set's table is not copied unless rows were filtered or sorted; an ibis expression is executed by its engine,
    whose errors are passed on. InvalidInput for a dict of splits, also of a single one, and for a stream.
    """
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
    # With ``_indices`` (after filter or sort) the table holds other rows: the library itself selects them.
    return data.with_format("arrow")[:] if data._indices is not None else data.data.table  # noqa: SLF001


def _is_dataset(data: Any) -> bool:
    """Whether it is a ``datasets.Dataset``."""
    made = getattr(data, "data", None)
    return hasattr(data, "with_format") and hasattr(made, "table") and hasattr(data, "_indices")


def _is_stream(data: Any) -> bool:
    """Whether it is a ``datasets.IterableDataset``, which can be read once and has no length."""
    return (
        hasattr(data, "with_format") and hasattr(data, "features") and not hasattr(data, "__len__")
    )


def _has_splits(data: Any) -> bool:
    """Whether it is a ``datasets.DatasetDict``, or one of streams, with at least one split."""
    return isinstance(data, Mapping) and hasattr(data, "with_format") and len(data) > 0


def _is_expression(data: Any) -> bool:
    """Whether it is a table expression of ibis."""
    return hasattr(data, "to_pyarrow") and hasattr(data, "schema") and hasattr(data, "op")
