"""The columns of a relation: which there are, of what kind, and how SQL reaches them.

A type is any object with DuckDB's ``id`` and ``children``, so nothing heavy is imported here.
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
    """What is asked of a type: DuckDB's ``DuckDBPyType`` has it."""

    @property
    def id(self) -> str: ...

    @property
    def children(self) -> Sequence[tuple[str, Any]]: ...


Columns = Mapping[str, ColumnType]


@dataclass(frozen=True)
class Column:
    """A column, or a field of struct columns: its SQL, its name as a person writes it, its type."""

    sql: str
    name: str
    type: ColumnType
    computed: str = ""  # the type of number that is made of a value of this type

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
        """What it is, in words."""
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
    found = list(_matches(key, columns))
    if len(found) > 1:
        places = " and ".join(_sql(steps) for steps, _ in found)
        raise CatalogError(
            f"{key!r} names more than one place in the data: {places}; rename one of them"
        )
    return None if not found else column(found[0][0], columns, found[0][1])


def column(steps: Sequence[Step], columns: Columns, kind: ColumnType) -> Column:
    """The column at the path ``steps``, in SQL that never means a column of a table so named."""
    folded = {name.casefold() for name in columns}
    shadowed = any(str(step).casefold() in folded for step in steps[1:])
    name = "".join(f".{step}" if isinstance(step, str) else f"[{step}]" for step in steps)
    return Column(_sql(steps, shadowed=shadowed), name[1:], kind)


def keyed(key: str, columns: Columns) -> Column | None:
    """The column on the path ``key`` whose values have keys of their own: JSON, VARIANT, MAP."""
    for end in (place.start() for place in re.finditer(r"[.\[]", key)):
        found = find(key[:end], columns)
        if found and (found.type.id in ("map", "variant") or str(found.type) == "JSON"):
            return found
    return None


def leaves(columns: Columns) -> Iterator[tuple[str, ColumnType]]:
    """Each column that is no struct, and each such field of a struct, under its dotted path."""
    for name, kind in columns.items():
        if kind.id == "struct":
            yield from ((f"{name}.{below}", leaf) for below, leaf in leaves(fields(kind)))
        else:
            yield name, kind


def fields(kind: ColumnType) -> Columns:
    """The fields of a struct type; nothing for any other."""
    return dict(kind.children) if kind.id == "struct" else {}


def is_vector(kind: ColumnType) -> bool:
    """Whether values are lists or arrays of numbers."""
    element = child(kind)
    return element is not None and element.id in NUMBERS


def holds_vectors(kind: ColumnType) -> bool:
    """Whether values are vectors, or lists of vectors: those of a sample's objects."""
    element = child(kind)
    return element is not None and (is_vector(kind) or is_vector(element))


def child(kind: ColumnType) -> ColumnType | None:
    """What a list or an array holds."""
    element: ColumnType | None = kind.children[0][1] if kind.id in ("list", "array") else None
    return element


def embedding_of(
    columns: Columns, name: str | None, claimed: Sequence[str] = (), where: str = "the data"
) -> Column:
    """The vector column: of that name, else ``embedding``, else the one that no task claims."""
    found = find(name, columns) if name else find("embedding", columns)
    vectors = [
        key
        for key, kind in columns.items()
        if holds_vectors(kind) and key.split(".")[0] not in claimed
    ]
    if not found and name:
        raise CatalogError(unknown("embedding column", name, vectors))
    if not found and len(vectors) == 1:
        found = column([vectors[0]], columns, columns[vectors[0]])
    if found and holds_vectors(found.type):
        return found
    if found:
        raise CatalogError(
            f"embedding column {found.name!r} of {where} is {found.kind}; "
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
    for name, kind in columns.items():
        if key.startswith(name):
            for steps, leaf in _below(key[len(name) :], kind):
                yield [name, *steps], leaf


def _below(rest: str, kind: ColumnType) -> Iterator[tuple[list[Step], ColumnType]]:
    """The places at the end ``rest`` of a path, below a value of type ``kind``."""
    element = child(kind)
    if not rest:
        yield [], kind
    elif rest.startswith("."):
        yield from _matches(rest[1:], fields(kind))
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
