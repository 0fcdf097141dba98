"""Names that DuckDB can tell apart: it does not know upper from lower case in columns and fields."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import pyarrow as pa

Renamed = Callable[[str, str], None]


def told_apart(table: pa.Table, renamed: Renamed) -> pa.Table:
    """The table with names of columns and fields that differ by more than case.

    The first of two keeps its name, the second gets a number; ``renamed`` is told old and new.
    """
    names = _apart(table.column_names, "", renamed)
    columns = [
        _fields_apart(column.combine_chunks(), f"{name}.", renamed)
        for name, column in zip(names, table.columns, strict=True)
    ]
    return pa.table(dict(zip(names, columns, strict=True)))


def beside(table: pa.Table, taken: Collection[str], renamed: Renamed) -> pa.Table:
    """The table with ``_`` behind names of columns that are ``taken`` by something else."""
    names = [
        f"{n}_" if n.casefold() in taken and n != "sample_id" else n for n in table.column_names
    ]
    for old, new in zip(table.column_names, names, strict=True):
        if old != new:
            renamed(old, new)
    return table.rename_columns(names)


def _fields_apart(array: pa.Array, place: str, renamed: Renamed) -> pa.Array:
    if not pa.types.is_struct(array.type):
        return array
    given = [field.name for field in array.type]
    names = _apart(given, place, renamed)
    parts = [array.field(i) for i in range(len(given))]
    parts = [_fields_apart(p, f"{place}{n}.", renamed) for p, n in zip(parts, names, strict=True)]
    return pa.StructArray.from_arrays(parts, names, mask=array.is_null())


def _apart(names: Sequence[str], place: str, renamed: Renamed) -> list[str]:
    taken: set[str] = set()
    found = []
    for name in names:
        free, number = name, 2
        while free.casefold() in taken:
            free, number = f"{name}_{number}", number + 1
        if free != name:
            renamed(place + name, place + free)
        taken.add(free.casefold())
        found.append(free)
    return found
