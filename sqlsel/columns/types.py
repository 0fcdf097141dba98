"""Arrow types: predicates, their names in SQL, and decoding of dictionaries and extension types."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sqlsel.columns.storage import unpacked, with_elements
from sqlsel.errors import InvalidInput

_SQL_TYPES = {
    "bool": "BOOLEAN",
    "int8": "TINYINT",
    "int16": "SMALLINT",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "uint8": "UTINYINT",
    "uint16": "USMALLINT",
    "uint32": "UINTEGER",
    "uint64": "UBIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "string": "text",
    "large_string": "text",
    "binary": "a BLOB",
}


def is_list(kind: pa.DataType) -> bool:
    """Whether it is any of Arrow's list types."""
    return bool(
        pa.types.is_list(kind)
        or pa.types.is_large_list(kind)
        or pa.types.is_fixed_size_list(kind)
        or is_list_view(kind)
    )


def is_list_view(kind: pa.DataType) -> bool:
    """Whether it is a list view, whose entries need not be in order."""
    return bool(pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind))


def is_number(kind: pa.DataType) -> bool:
    """Whether values of this type are numbers (booleans count as 0 and 1)."""
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_boolean(kind)
    )


def is_whole(numbers: NDArray[np.floating]) -> bool:
    """Whether all are whole numbers within int64."""
    return bool(((np.floor(numbers) == numbers) & (np.abs(numbers) < 2.0**63)).all())


def plain(array: pa.Array) -> pa.Array:
    """The array with dictionaries decoded and extension types replaced by plain ones, also inside of lists."""
    if isinstance(array.type, pa.BaseExtensionType):
        array = unpacked(array)
    if pa.types.is_dictionary(array.type):
        if pa.types.is_string_view(array.type.value_type):  # which Arrow cannot decode
            texts = array.dictionary.cast(pa.string())
            array = pa.DictionaryArray.from_arrays(array.indices, texts)
        return array.dictionary_decode()
    if pa.types.is_binary_view(array.type):
        return array.cast(pa.binary())
    if _has_odd_elements(array.type):
        return with_elements(array, plain(array.values))
    return array


def _has_odd_elements(kind: pa.DataType) -> bool:
    """Whether it is a list of an extension type, at any depth."""
    if not is_list(kind) or is_list_view(kind):
        return False
    inner = kind.value_type
    return isinstance(inner, pa.BaseExtensionType) or _has_odd_elements(inner)


def sql_name(kind: pa.DataType) -> str:
    """The name of a type in SQL, for messages."""
    if pa.types.is_nested(kind):
        return _sql_name_nested(kind)
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision},{kind.scale})"
    if pa.types.is_interval(kind):
        return "INTERVAL"
    if pa.types.is_temporal(kind):
        return str(kind).split("[")[0].rstrip("0123456789").upper()
    return _SQL_TYPES.get(str(kind), str(kind))


def _sql_name_nested(kind: pa.DataType) -> str:
    if pa.types.is_union(kind):
        return "a UNION"
    if is_list(kind):
        return "a list"
    if pa.types.is_map(kind):
        return "a MAP"
    return "a VARIANT" if is_variant(kind) else "a STRUCT"


def is_variant(kind: pa.DataType) -> bool:
    """Whether it is the struct by which DuckDB passes a VARIANT to Arrow."""
    if not pa.types.is_struct(kind):
        return False
    return [(f.name, f.type) for f in kind] == [("metadata", pa.binary()), ("value", pa.binary())]


def refuse_several_types(kind: pa.DataType, name: str, cast: str) -> None:
    """InvalidInput for a UNION, a VARIANT, or what holds one, which must be ``cast``, such as ``w::DOUBLE``.

    Arrow aborts the process when it flattens a column that contains a union.
    """
    odd = next((p for p in parts(kind) if pa.types.is_union(p) or is_variant(p)), None)
    if odd is None:
        return
    what = sql_name(odd) if odd is kind else f"{sql_name(kind)} with {sql_name(odd)} in it"
    if is_variant(odd):
        raise InvalidInput(f"{name} is {what}, whose values may be of any type; cast it: {cast}")
    members = [field.name for field in odd]
    listed = ", ".join(members[:8]) + (", …" if len(members) > 8 else "")
    remedy = f"take what is meant out of it, or cast it: {cast}"
    if odd is kind:
        expression = re.split(r"(?:SELECT|:=) ", cast.rpartition("::")[0])[-1]
        remedy = f"take one of them, as in union_extract({expression}, '{members[0]}'), or cast it: {cast}"
    raise InvalidInput(f"{name} is {what}, whose values may be {listed}; {remedy}")


def has_union(kind: pa.DataType) -> bool:
    """Whether it is or contains a UNION."""
    return any(map(pa.types.is_union, parts(kind)))


def parts(kind: pa.DataType) -> Iterator[pa.DataType]:
    """The type, and all types inside of it."""
    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    yield kind
    inner = [kind.field(i).type for i in range(kind.num_fields)]
    if pa.types.is_dictionary(kind):
        inner = [kind.value_type]
    for part in inner:
        yield from parts(part)
