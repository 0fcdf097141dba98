"""Finds the columns of ids and vectors in a table; parses vectors that are written as text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from sqlsel.errors import InvalidInput, unknown
from sqlsel.readers.strict import Fault

IDS = ("sample_id", "file_name", "filename", "filenames", "id")
VECTORS = ("embedding", "embeddings", "vector", "vectors")

_NUMBERED = re.compile(r"(.*?)([0-9]{1,5})", re.DOTALL)
_BETWEEN = re.compile(r"[\s,;]+")


def id_column(names: Sequence[str], id: str | None, path: Path) -> str:
    """The column of ids: ``id``, else the first of IDS; InvalidInput where there is none."""
    if id is not None:
        if id not in names:
            raise InvalidInput(f"{path}: {unknown('column', id, names)}")
        return id
    for name in IDS:
        if name in names:
            return name
    columns = ", ".join(names)
    raise InvalidInput(f"{path}: say which column holds the ids with --id COLUMN; it has {columns}")


def vector_columns(kinds: Mapping[str, pa.DataType], path: Path) -> list[str]:
    """The column of vectors, or the columns of their numbers in order (e0, e1, …); InvalidInput where it is not clear.

    ``kinds``: the types of the columns; a column called embedding may hold text.
    """
    lists = [name for name, kind in kinds.items() if _is_vector(kind)]
    usual = [n for n in VECTORS if n in kinds and (n in lists or is_text_or_whole(kinds[n]))]
    if usual or len(lists) == 1:
        return (usual or lists)[:1]
    if not lists and (
        numbers := numbered_columns([n for n, kind in kinds.items() if _is_number(kind)])
    ):
        return numbers
    what = f"has several: {', '.join(lists)}" if lists else "has none"
    raise InvalidInput(
        f"{path}: needs one column of vectors, called embedding, or columns e0, e1, …; it {what}"
    )


def numbered_columns(names: Sequence[str]) -> list[str]:
    """Names that differ by a number, without gaps from 0 or 1 on, in its order; of several such groups the largest.

    Empty where there is none, or the two largest are of the same size.
    """
    groups: dict[str, dict[int, str]] = {}
    for name in names:
        if parts := _NUMBERED.fullmatch(name):
            groups.setdefault(parts[1], {})[int(parts[2])] = name
    # Without gaps: of columns x1, x2, x5 it is not clear that they are one vector.
    whole = [g for g in groups.values() if len(g) > 1 and max(g) - min(g) == len(g) - 1]
    best = sorted((g for g in whole if min(g) < 2), key=len)[-2:]
    if not best or len({*map(len, best)}) < len(best):
        return []
    return [best[-1][number] for number in sorted(best[-1])]


def is_text_or_whole(kind: pa.DataType) -> bool:
    """Whether a column called embedding may hold vectors although it has no floats: text, or lists of integers."""
    return is_text(kind) or (_is_list(kind) and pa.types.is_integer(kind.value_type))


def is_text(kind: pa.DataType) -> bool:
    """Whether the type is a string type."""
    return any(
        test(kind)
        for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    )


def parse_vectors(texts: Sequence[str | None], path: Path) -> pa.Array:
    """Vectors written as ``[0.1, 0.2]``; empty texts are NULL; InvalidInput for the first row that is no list."""
    rows = []
    for row, text in enumerate(texts):
        try:
            rows.append(None if text is None or not text.strip() else _numbers(text))
        except (Fault, ValueError) as error:
            raise InvalidInput(
                f"{path}: row {row + 1}: must be a list of numbers as text, [0.1, 0.2]: {error}"
            ) from error
    return pa.array(rows, pa.list_(pa.float64()))


def _numbers(text: str) -> list[float]:
    """The numbers between brackets, separated by commas or (as NumPy prints them) blanks."""
    if "..." in text:
        raise Fault("some of its numbers are left out (...); write all of them")
    try:
        values = json.loads(text)
    except ValueError:
        inner = text.strip().strip("[](){}").strip()
        return [float(number) for number in _BETWEEN.split(inner)]
    if not isinstance(values, list) or any(type(v) not in (int, float) for v in values):
        raise Fault(f"got {text[:42]!r}")
    return [float(value) for value in values]


def _is_vector(kind: pa.DataType) -> bool:
    return _is_list(kind) and pa.types.is_floating(kind.value_type)


def _is_list(kind: pa.DataType) -> bool:
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return any(test(kind) for test in lists)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))
