"""Finds columns, struct fields and list elements of a relation by dotted path, with their type and SQL.

A type is any object with the ``id`` and ``children`` of DuckDB's types, so DuckDB is not imported here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlsel.errors import CatalogError, unknown
from sqlsel.sqltext import quoting

SIGNED = ("tinyint", "smallint", "integer", "bigint", "hugeint", "bignum")
UNSIGNED = ("utinyint", "usmallint", "uinteger", "ubigint", "uhugeint")
FLOATS = frozenset(("float", "double"))
NUMBERS = FLOATS.union(SIGNED, UNSIGNED, ("decimal",))
_INDEX = re.compile(r"\[([0-9]{1,9})\]")
Step = str | int  # a field of a struct; a place in a list, from 0


class ColumnType(Protocol):
    """The part of DuckDB's ``DuckDBPyType`` that is used here."""

    @property
    def id(self) -> str: ...

    @property
    def children(self) -> Sequence[tuple[str, Any]]: ...


Columns = Mapping[str, ColumnType]


@dataclass(frozen=True)
class Column:
    """A column, struct field or list element: its SQL expression, its dotted path, its type."""

    sql: str
    name: str
    type: ColumnType
    computed: str = ""  # id of the result type where ``sql`` computes a number of ``type``

    @property
    def is_number(self) -> bool:
        return (self.computed or self.type.id) in NUMBERS

    @property
    def may_be_nan(self) -> bool:
        return (self.computed or self.type.id) in FLOATS

    @property
    def is_text(self) -> bool:
        return self.type.id in ("varchar", "enum") and str(self.type) != "JSON"

    @property
    def kind(self) -> str:
        """The type in words, for messages, such as "a number" or "a struct"."""
        words = {
            "boolean": "boolean",
            "struct": "a struct",
            "map": "a map",
            "list": "a list",
            "array": "an array",
        }
        if self.is_text:
            return "text"
        if self.is_number:
            return "a number"
        return words.get(self.type.id, str(self.type))


def find(key: str, columns: Columns) -> Column | None:
    """The column named ``key``, or what is at that dotted path; CatalogError if both exist.

    >>> find("rows[0].width", {}) is None
    True
    """
    matches = list(_matches(key, columns))
    if len(matches) > 1:
        places = " and ".join(_sql(steps) for steps, _ in matches)
        raise CatalogError(
            f"{key!r} names more than one place in the data: {places}; rename one of them"
        )
    return None if not matches else column(matches[0][0], columns, matches[0][1])


def column(steps: Sequence[Step], columns: Columns, kind: ColumnType) -> Column:
    """The column at the path ``steps``, of type ``kind``.

    Where a field has the name of a column, the first name stands in brackets: ``("a").b`` cannot be
    read as column b of a table a.
    """
    folded = {name.casefold() for name in columns}
    shadowed = any(str(step).casefold() in folded for step in steps[1:])
    name = "".join(f".{step}" if isinstance(step, str) else f"[{step}]" for step in steps)
    return Column(_sql(steps, shadowed=shadowed), name[1:], kind)


def schemaless_column(key: str, columns: Columns) -> Column | None:
    """The column at a prefix of the path ``key`` whose fields its type does not name: JSON, VARIANT, MAP."""
    for end in (place.start() for place in re.finditer(r"[.\[]", key)):
        prefix_column = find(key[:end], columns)
        if prefix_column and (
            prefix_column.type.id in ("map", "variant") or str(prefix_column.type) == "JSON"
        ):
            return prefix_column
    return None


def leaves(columns: Columns) -> Iterator[tuple[str, ColumnType]]:
    """(dotted path, type) of each column, structs being replaced by their fields at any depth."""
    for name, kind in columns.items():
        if kind.id == "struct":
            yield from ((f"{name}.{below}", leaf) for below, leaf in leaves(struct_fields(kind)))
        else:
            yield name, kind


def struct_fields(kind: ColumnType) -> Columns:
    """Field name → type of a struct type; empty for any other."""
    return dict(kind.children) if kind.id == "struct" else {}


def is_vector(kind: ColumnType) -> bool:
    """Whether values are lists or arrays of numbers."""
    element = element_type(kind)
    return element is not None and element.id in NUMBERS


def holds_vectors(kind: ColumnType) -> bool:
    """Whether values are vectors, or lists of vectors: those of a sample's objects."""
    element = element_type(kind)
    return element is not None and (is_vector(kind) or is_vector(element))


def element_type(kind: ColumnType) -> ColumnType | None:
    """The type of the elements of a list or array; None for any other type."""
    element: ColumnType | None = kind.children[0][1] if kind.id in ("list", "array") else None
    return element


def embedding_of(
    columns: Columns, name: str | None, claimed: Sequence[str] = (), where: str = "the data"
) -> Column:
    """The vector column: named ``name``, else ``embedding``, else the only one outside the ``claimed`` tasks.

    CatalogError without such a column, or with several; ``where``: how messages call the relation.
    """
    match = find(name, columns) if name else find("embedding", columns)
    vectors = [
        key
        for key, kind in columns.items()
        if holds_vectors(kind) and key.split(".")[0] not in claimed
    ]
    if not match and name:
        raise CatalogError(unknown("embedding column", name, vectors))
    if not match and len(vectors) == 1:
        match = column([vectors[0]], columns, columns[vectors[0]])
    if match and holds_vectors(match.type):
        return match
    if match:
        raise CatalogError(
            f"embedding column {match.name!r} of {where} is {match.kind}; "
            "it must hold vectors (FLOAT[])"
        )
    if vectors:
        raise CatalogError(
            f"{where} has several vector columns: {', '.join(vectors)}; name the embedding column"
        )
    raise CatalogError(
        f"{where} has no vector column (FLOAT[]) for EMBEDDINGS. Known: {', '.join(columns)}. "
        "sqlsel embed IMAGES --model FILE.onnx --db FILE makes vectors of images"
    )


def _matches(key: str, columns: Columns) -> Iterator[tuple[list[Step], ColumnType]]:
    """(steps, type) of every way to read ``key`` as a path; names may hold dots themselves."""
    for name, kind in columns.items():
        if key.startswith(name):
            for steps, leaf in _below(key[len(name) :], kind):
                yield [name, *steps], leaf


def _below(rest: str, kind: ColumnType) -> Iterator[tuple[list[Step], ColumnType]]:
    """(steps, type) of every way to read the rest of a path as fields and elements of ``kind``."""
    element = element_type(kind)
    if not rest:
        yield [], kind
    elif rest.startswith("."):
        yield from _matches(rest[1:], struct_fields(kind))
    elif element is not None and (index := _INDEX.match(rest)):
        for steps, leaf in _below(rest[index.end() :], element):
            yield [int(index[1]), *steps], leaf


def _sql(steps: Sequence[Step], *, shadowed: bool = False) -> str:
    """The path as SQL, whose lists begin at 1."""
    first, *rest = steps
    name = quoting.identifier(str(first))
    return (f"({name})" if shadowed else name) + "".join(
        f".{quoting.identifier(step)}" if isinstance(step, str) else f"[{step + 1}]"
        for step in rest
    )
