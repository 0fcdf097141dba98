"""Columns by name, or by a dotted key into structs, maps and JSON such as ``weather.temperature``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import polars as pl
import polars.selectors as cs

from sqlsel.errors import InvalidInput, listing, suggestion
from sqlsel.polars import telling

Column: TypeAlias = str | pl.Expr

_NONE = "."  # keeps the struct valid where no column has any of the names; no key is called so


@dataclass(frozen=True)
class Key:
    """A column as the user names it; ``name``: for messages, ``path``: the parts of a dotted key, else None."""

    name: str
    path: tuple[str, ...] | None = None

    def values(self, column: pl.Series) -> tuple[pl.Series, bool]:
        """(the values, whether they are texts of JSON values).

        The longest column name wins: ``a.b`` before field ``b`` of ``a``.
        """
        if self.path is None:
            return plain(column), False
        for length in range(len(self.path), 0, -1):
            name = ".".join(self.path[:length])
            if name in column.struct.fields:
                return _walk(_field(column, name), self.path[length:], name)
        raise InvalidInput(
            f"no column {self.name!r}, nor {self.path[0]!r} with such a field; "
            "a key names a column and then its fields"
        )


def column_of(column: Any, what: str) -> tuple[pl.Expr, Key]:
    """The expression of a column given by name or expression; TypeError for anything else."""
    if isinstance(column, pl.Expr):
        name = column.meta.output_name(raise_if_undetermined=False)
        return column, Key(name or str(column))
    if not isinstance(column, str):
        kind = type(column).__name__
        raise TypeError(
            f"{what} must be the name of a column or an expression, got {kind}"
            + ("; for arrays there is sqlsel.select" if hasattr(column, "__array__") else "")
        )
    parts = tuple(column.split("."))
    if not all(parts):
        exact = f"pl.col({column!r})"
        raise ValueError(f"{what}: {column!r} is no key; for a column of this name write {exact}")
    if len(parts) == 1:
        return exactly([column])[0], Key(column)
    names = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    existing = cs.by_name(*names, require_all=False)
    return pl.struct(existing, pl.lit(None).alias(_NONE)), Key(column, parts)


def plain(column: pl.Series) -> pl.Series:
    """The column unnamed (Polars takes some names for patterns), its extension type replaced by the storage type."""
    column = column.alias("")
    return column.ext.storage() if isinstance(column.dtype, pl.BaseExtension) else column


def exactly(names: Iterable[str]) -> list[pl.Expr]:
    """The columns of these names, also of those that Polars would take for patterns, such as ``*``."""
    patterns = ("^", "*")
    return [cs.by_name(n).as_expr() if n.startswith(patterns) else pl.col(n) for n in names]


def _walk(column: pl.Series, path: tuple[str, ...], name: str) -> tuple[pl.Series, bool]:
    """(the values at ``path`` below the column, whether they are texts of JSON values); InvalidInput without such."""
    for depth, key in enumerate(path):
        kind = column.dtype
        if isinstance(kind, pl.Struct):
            fields = [field.name for field in kind.fields]
            if key not in fields:
                hint = f"{suggestion(key, fields)} Fields: {listing(fields)}"
                raise InvalidInput(f"{name!r} has no field {key!r}.{hint}")
            column = _field(column, key)
        elif isinstance(kind, pl.Map):
            column = _in_map(column, key, name)
        elif kind == pl.String:
            return _in_json(column, path[depth:], name), True
        elif kind == pl.Null:
            return column, False
        else:
            raise InvalidInput(f"{name!r} is {kind}; it has no field {key!r}")
        name = f"{name}.{key}"
    return column, False


def _field(column: pl.Series, name: str) -> pl.Series:
    """A field of a struct; ``struct.field`` would take some names for patterns."""
    return plain(column.struct.unnest().get_column(name))


def _in_map(column: pl.Series, key: str, name: str) -> pl.Series:
    """The value of this key in each map; null where a map has none."""
    kind = column.dtype
    assert isinstance(kind, pl.Map)  # noqa: S101 - for the type checker
    try:
        map_key = pl.Series([key]).cast(kind.key)
    except pl.exceptions.PolarsError:
        raise InvalidInput(f"{name!r} is {kind}; it has no key {key!r}") from None
    return plain(column.map.get(map_key.item()))


def _in_json(column: pl.Series, path: tuple[str, ...], name: str) -> pl.Series:
    """The values at this path of JSON texts, as text; InvalidInput where no row holds JSON."""
    values = column.str.json_path_match(_json_path(path, name))
    if column.null_count() < len(column) and values.null_count() == len(values):
        is_json = column.str.json_path_match("$").is_not_null() | (column == "null")
        if not is_json.any():
            raise InvalidInput(f"{name!r} is String and holds no JSON; it has no field {path[0]!r}")
        telling.warn_of_key(name, ".".join(path))
    return values


def _json_path(path: tuple[str, ...], name: str) -> str:
    """The path as Polars reads it: between quotes of either kind, and without any escapes."""
    parts = ["$"]
    for key in path:
        quote = "'" if "'" not in key else '"'
        if quote in key or "\\" in key:
            raise InvalidInput(
                f"{name!r} is String: {key!r} has characters that cannot be looked up in JSON; "
                "decode it first, with .str.json_decode(…)"
            )
        parts.append(f"[{quote}{key}{quote}]")
    return "".join(parts)
