"""What a user of SQL can do about a column of the wrong type: the end of a message."""

from __future__ import annotations

import re

import pyarrow as pa

from sqlsel.columns.types import is_list, is_number


def cast(name: str, kind: str) -> str:
    """The cast of an expression, in parentheses where it needs them."""
    return f"{name if re.fullmatch(_SIMPLE, name) else f'({name})'}::{kind}"


def for_number(kind: pa.DataType, name: str) -> str:
    """Where a number was needed."""
    if pa.types.is_temporal(kind) or pa.types.is_interval(kind):
        return f": take epoch({name})"
    return _part_of(kind, name) or f": cast it, as in {cast(name, 'DOUBLE')}"


def for_vector(kind: pa.DataType, name: str) -> str:
    """Where a vector was needed, and there is no list."""
    name = "…" if name == "query" else name
    if is_number(kind):
        return f": put numbers together, as in [{name}, …]::FLOAT[]"
    return _part_of(kind, name) or _if_castable(kind, name)


def for_elements(kind: pa.DataType, name: str) -> str:
    """Where a list holds something else than numbers."""
    return _if_castable(kind, name)


def for_key(name: str) -> str:
    """Where integers or text were needed."""
    return f": cast it, as in {name} := …::VARCHAR"


def for_flag(kind: pa.DataType, name: str) -> str:
    """Where a boolean was needed."""
    if is_number(kind):
        return f": write a condition, as in {name} := … > 0"
    return f": write a condition, as in {name} := … = 'yes'"


_SIMPLE = r'[\w."]+'


def _part_of(kind: pa.DataType, name: str) -> str:
    """How one part of a nested value is named; an empty text for what is not nested."""
    if pa.types.is_struct(kind):
        fields = [field.name for field in kind]
        return f": name one of its fields, as in {name}.{fields[0]}" if fields else ""
    if is_list(kind):
        return f": take one of its entries, as in {name}[1]"
    return f": take the value of a key, as in {name}['a']" if pa.types.is_map(kind) else ""


def _if_castable(kind: pa.DataType, name: str) -> str:
    """The cast to a vector, of text and booleans; all else must be numbers before."""
    if pa.types.is_string(kind) or pa.types.is_boolean(kind) or pa.types.is_dictionary(kind):
        return f": cast it, as in {cast(name, 'FLOAT[]')}"
    return ": give a list of numbers for each row"
