"""Converts the storage of DuckDB's types that Arrow lacks (HUGEINT, UUID, BIT …) to types that Arrow can compare."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa

_SIGNED, _UNSIGNED = pa.decimal128(38, 0), pa.decimal256(39, 0)


def unpacked(array: pa.Array) -> pa.Array:
    """An extension array as values that Arrow can compare: integers of 128 bits as decimals, UUID and BIT as text."""
    kind, storage = array.type, array.storage
    name = getattr(kind, "type_name", kind.extension_name)
    if name == "hugeint":
        return _decimals(storage)
    if name == "uhugeint":
        return unsigned(_decimals(storage))
    if name == "bit":
        return bits(storage)
    if name == "arrow.uuid":
        return _texts(storage, lambda value: str(UUID(bytes=value)))
    if name == "time_tz":  # the offset is in the lower bits
        packed = np.frombuffer(storage.buffers()[1], "<u8") >> np.uint64(24)
        times = packed[storage.offset : storage.offset + len(storage)].astype(np.int64)
        return pa.array(times, mask=np.asarray(storage.is_null())).cast(pa.time64("us"))
    return storage.cast(pa.bool_()) if name == "arrow.bool8" else storage


def with_elements(array: pa.Array, elements: pa.Array) -> pa.Array:
    """The lists with ``elements`` in the place of ``array.values``; offsets and NULLs unchanged."""
    kind = array.type
    if pa.types.is_fixed_size_list(kind):
        kind, count = pa.list_(elements.type, kind.list_size), 1
    else:
        whole = pa.large_list if pa.types.is_large_list(kind) else pa.list_
        kind, count = whole(elements.type), 2
    buffers = array.buffers()[:count]
    return pa.Array.from_buffers(
        kind, len(array), buffers, offset=array.offset, children=[elements]
    )


def unpacked_table(table: pa.Table) -> pa.Table:
    """The columns without extension types, also inside of lists and structs; JSON and BIT stay text and bytes."""
    columns = []
    for column in table.columns:
        chunks = column.chunks or [pa.nulls(0, column.type)]
        columns.append(pa.chunked_array([_deep(chunk) for chunk in chunks]))
    return pa.table(columns, names=table.column_names)


def _deep(array: pa.Array) -> pa.Array:
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        name = getattr(kind, "type_name", kind.extension_name)
        return array.storage if name in ("bit", "arrow.json") else unpacked(array)
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        return with_elements(array, _deep(array.values))
    if not pa.types.is_struct(kind):
        return array
    parts = [_deep(array.field(i)) for i in range(kind.num_fields)]
    made = pa.struct([pa.field(f.name, p.type) for f, p in zip(kind, parts, strict=True)])
    buffers = array.buffers()[:1]
    return pa.Array.from_buffers(made, len(array), buffers, offset=array.offset, children=parts)


def of_type(array: pa.Array, name: str) -> pa.Array:
    """The array of a column of DuckDB's type ``name``, converted where its Arrow type is that of another type."""
    if name == "BIT" and pa.types.is_binary(array.type):
        return bits(array)
    return unsigned(array) if name == "UHUGEINT" and pa.types.is_decimal128(array.type) else array


def bits(array: pa.Array) -> pa.Array:
    """BIT as text of 0 and 1; its first byte is the number of padding bits of the second."""
    return _texts(array, lambda b: "".join(f"{byte:08b}" for byte in b[1:])[b[0] :])


def unsigned(array: pa.Array) -> pa.Array:
    """UHUGEINT, which Arrow has as signed decimals of 128 bits, as decimals of 256 bits with the right sign."""
    halves = np.frombuffer(array.buffers()[1], "<u8").reshape(-1, 2)
    halves = halves[array.offset : array.offset + len(array)]
    wide = np.zeros((len(array), 4), "<u8")
    wide[:, :2] = halves
    valid = pa.array(np.asarray(array.is_valid())).buffers()[1]
    return pa.Array.from_buffers(_UNSIGNED, len(array), [valid, pa.py_buffer(wide)])


def _decimals(storage: pa.FixedSizeBinaryArray) -> pa.Array:
    """Integers of 16 bytes as decimals of 128 bits, whose storage is the same."""
    return pa.Array.from_buffers(_SIGNED, len(storage), storage.buffers(), offset=storage.offset)


def _texts(array: pa.Array, text: Any) -> pa.Array:
    """``text(value)`` of each value; called once for each distinct one."""
    encoded = array.dictionary_encode()
    texts = pa.array([text(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return texts.take(encoded.indices)
