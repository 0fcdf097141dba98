"""The ends of messages about a column of the wrong type: how to convert it in SQL."""

from __future__ import annotations

import re

import pyarrow as pa

from sqlsel.columns.types import is_list, is_number


def cast(name: str, kind: str) -> str:
    """The cast of an expression, in parentheses where it needs them."""
    return f"{name if re.fullmatch(_SIMPLE, name) else f'({name})'}::{kind}"


def for_number(kind: pa.DataType, name: str) -> str:
    """For a column that must hold numbers."""
    if pa.types.is_temporal(kind) or pa.types.is_interval(kind):
        return f": take epoch({name})"
    castable = f": cast it, as in {cast(name, 'DOUBLE')}"
    return _part_of(kind, name) or _without_quotes(name) or castable


def for_vector(kind: pa.DataType, name: str) -> str:
    """For a column that must hold vectors, and holds no lists."""
    name = "…" if name == "query" else name
    if is_number(kind):
        return f": put numbers together, as in [{name}, …]::FLOAT[]"
    return _part_of(kind, name) or _without_quotes(name) or _if_castable(kind, name)


def for_elements(kind: pa.DataType, name: str) -> str:
    """For lists that must hold numbers."""
    return _if_castable(kind, name)


def for_key(name: str) -> str:
    """For ids, which must be integers or text."""
    return f": cast it, as in {name} := …::VARCHAR"


def for_flag(kind: pa.DataType, name: str) -> str:
    """For a column that must be boolean."""
    if is_number(kind):
        return f": write a condition, as in {name} := … > 0"
    return f": write a condition, as in {name} := … = 'yes'"


_SIMPLE = r'[\w."]+'


def _part_of(kind: pa.DataType, name: str) -> str:
    """How to take one part of a nested value; an empty text for other types."""
    if pa.types.is_struct(kind):
        fields = [field.name for field in kind]
        return f": name one of its fields, as in {name}.{fields[0]}" if fields else ""
    if is_list(kind):
        return f": take one of its entries, as in {name}[1]"
    return f": take the value of a key, as in {name}['a']" if pa.types.is_map(kind) else ""


def _without_quotes(name: str) -> str:
    """For a text constant that looks like the name of a column; an empty text for other expressions."""
    quoted = re.fullmatch(r"'((?:[^\W\d]\w*\.)?[^\W\d]\w*)'", name)
    return f": write the column without quotes: {quoted[1]}" if quoted else ""


def _if_castable(kind: pa.DataType, name: str) -> str:
    """The cast to a vector, for text and booleans; other types must be made numbers first."""
    if pa.types.is_string(kind) or pa.types.is_boolean(kind) or pa.types.is_dictionary(kind):
        return f": cast it, as in {cast(name, 'FLOAT[]')}"
    return ": give a list of numbers for each row"
