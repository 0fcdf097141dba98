"""Renames columns and fields of a table that DuckDB would take for the same: its names ignore case."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import pyarrow as pa

OnRename = Callable[[str, str], None]


def distinct_names(table: pa.Table, on_rename: OnRename) -> pa.Table:
    """The table with columns and fields of structs renamed where an earlier one has the same name but for case.

    ``_2``, ``_3`` … is appended, at every depth. ``on_rename(old, new)`` is called for each, for fields with the dotted
    path (``a.b``, ``a.b_2``).
    """
    names = _distinct(table.column_names, "", on_rename)
    columns = [
        _distinct_fields(column.combine_chunks(), f"{name}.", on_rename)
        for name, column in zip(names, table.columns, strict=True)
    ]
    return pa.table(dict(zip(names, columns, strict=True)))


def avoid_names(table: pa.Table, taken: Collection[str], on_rename: OnRename) -> pa.Table:
    """The table with ``_`` appended to names of columns in ``taken`` (lower case), except ``sample_id``."""
    names = [
        f"{n}_" if n.casefold() in taken and n != "sample_id" else n for n in table.column_names
    ]
    for old, new in zip(table.column_names, names, strict=True):
        if old != new:
            on_rename(old, new)
    return table.rename_columns(names)


def _distinct_fields(array: pa.Array, place: str, on_rename: OnRename) -> pa.Array:
    """A struct array with distinct names of its fields, also in structs directly inside; others as they are.

    ``place``: the dotted path, with its last dot, that stands before the names in ``on_rename``.
    """
    if not pa.types.is_struct(array.type):
        return array
    names = [field.name for field in array.type]
    free_names = _distinct(names, place, on_rename)
    parts = [array.field(i) for i in range(len(names))]
    parts = [
        _distinct_fields(p, f"{place}{n}.", on_rename)
        for p, n in zip(parts, free_names, strict=True)
    ]
    return pa.StructArray.from_arrays(parts, free_names, mask=array.is_null())


def _distinct(names: Sequence[str], place: str, on_rename: OnRename) -> list[str]:
    """The names, with ``_2``, ``_3`` … where an earlier one is equal but for case."""
    taken: set[str] = set()
    distinct = []
    for name in names:
        free, number = name, 2
        while free.casefold() in taken:
            free, number = f"{name}_{number}", number + 1
        if free != name:
            on_rename(place + name, place + free)
        taken.add(free.casefold())
        distinct.append(free)
    return distinct
