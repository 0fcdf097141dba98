"""Reads tables of vectors, CSV and Parquet: ids, vectors (one column or one per number), and other columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sqlsel.errors import InvalidInput
from sqlsel.readers.csv_columns import matrix, read_columns
from sqlsel.readers.import_report import Report
from sqlsel.readers.rows_of_vectors import Matrix, as_float32, to_arrow
from sqlsel.readers.vector_columns import (
    VECTORS,
    id_column,
    is_text,
    numbered_columns,
    parse_vectors,
    vector_columns,
)

NO_VECTOR = "rows without a vector are left out"
RENAMED = "columns that would hide others are renamed"
LEFT_OUT = "columns whose name or type a table cannot have are left out"
_OTHERWISE = (  # types that DuckDB does not read, and what is read instead
    (pa.types.is_null, pa.string()),
    (pa.types.is_float16, pa.float32()),
    (pa.types.is_decimal256, pa.float64()),
)
_INDEX = "__index_level_0__"  # of pandas


def read_parquet(path: Path, id: str | None, report: Report, *, others: bool) -> pa.Table:
    """sample_id and embedding of each row that has a vector; ``others``: and the other columns.

    Page checksums, which sqlsel writes with -o, are verified; DuckDB (for --data and SQL) and Polars
    do not verify them. InvalidInput for a damaged file.
    """
    import pyarrow.parquet as pq

    schema = pq.read_schema(path)
    kinds = dict(zip(schema.names, schema.types, strict=True))
    vectors = vector_columns({n: kind for n, kind in kinds.items() if n != id}, path)
    own = id_column(schema.names, id, path)
    beside = [n for n in schema.names if others and n not in (own, *vectors, _INDEX)]
    try:
        table = pq.read_table(
            path, columns=[own, *vectors, *beside], page_checksum_verification=True
        )
    except OSError as error:
        raise InvalidInput(f"{path}: is damaged ({error}); write it again") from None
    return _table(table, own, vectors, path, report)


def read_csv_table(
    path: Path, names: list[str], id: str | None, report: Report, *, others: bool
) -> pa.Table:
    """As ``read_parquet``, for a CSV file with columns ``names``; a column without a name is pandas' index."""
    twice = [name for name in names if name and names.count(name) > 1]
    if twice:
        raise InvalidInput(f"{path}: line 1: the column {twice[0]!r} appears twice")
    own = id_column(names, id, path)
    free = [name for name in names if name and name != own]
    text = [name for name in VECTORS if name in free][:1]
    numbers = [] if text else numbered_columns(free)
    if not text and not numbers:
        vector_columns({}, path)  # raises
    beside = [name for name in free if others and name not in (*text, *numbers)]
    columns = [own, *text, *numbers, *beside]
    table = read_columns(path, columns, numbers, [own, *text], is_strict=False)
    return _table(table, own, [*text, *numbers], path, report)


def _table(
    table: pa.Table, own: str, vectors: Sequence[str], path: Path, report: Report
) -> pa.Table:
    """The columns under their usual names: sample_id, embedding, then the others."""
    if len(vectors) == 1 and is_text(table[vectors[0]].type):
        texts = pa.chunked_array([parse_vectors(table[vectors[0]].to_pylist(), path)])
        table = table.set_column(table.column_names.index(vectors[0]), vectors[0], texts)
    table = _with_vector(table, vectors, path, report)
    rows = _matrix(table[vectors[0]], path) if len(vectors) == 1 else matrix(table, vectors)
    columns = {
        "sample_id": table[own].combine_chunks().cast(pa.string()),
        "embedding": to_arrow(rows),
    }
    for name in table.column_names:
        if name != own and name not in vectors:
            column = _storable(table[name].combine_chunks())
            if _is_storable(name, column.type):
                columns[_free_name(name, columns, report)] = column
            else:
                report.warn(LEFT_OUT, f"{name!r} ({column.type})")
    return pa.table(columns)


def _with_vector(table: pa.Table, vectors: Sequence[str], path: Path, report: Report) -> pa.Table:
    """The rows that have a vector; InvalidInput where one lacks some of its numbers."""
    if not any(table[name].null_count for name in vectors):
        return table
    valid = np.array([table[name].is_valid().to_numpy() for name in vectors])
    part = np.flatnonzero(valid.any(axis=0) & ~valid.all(axis=0))
    if len(part):
        missing = vectors[int(np.argmin(valid[:, part[0]]))]
        raise InvalidInput(f"{path}: row {part[0] + 1} has no number in {missing}")
    report.warn(NO_VECTOR, str(path), int((~valid[0]).sum()))
    return table.filter(pa.array(valid[0]))


def _free_name(name: str, taken: dict[str, pa.Array], report: Report) -> str:
    """The name, with ``_`` appended until it is not taken; case is ignored, as in DuckDB."""
    free = name
    while free.casefold() in taken:
        free = f"{free}_"
    if free != name:
        report.warn(RENAMED, f"{name} is {free} now")
    return free


def _storable(column: pa.Array) -> pa.Array:
    """The column without extension type and dictionary, and with a type that DuckDB can read."""
    if isinstance(column.type, pa.BaseExtensionType):
        column = column.storage
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    for test, kind in _OTHERWISE:
        if test(column.type):
            return column.cast(kind)
    return column


def _is_storable(name: str, kind: pa.DataType) -> bool:
    """Whether a table can have a column of this name and type, and each of its fields, too."""
    if not name or "\0" in name or any(test(kind) for test, _ in _OTHERWISE[1:]):
        return False
    fields = [kind.field(at) for at in range(kind.num_fields)]
    return all(_is_storable(field.name, field.type) for field in fields)


def _matrix(column: pa.ChunkedArray, path: Path) -> Matrix:
    """The vectors as rows of a matrix; InvalidInput for the first of another length or with NULL in it."""
    array = column.combine_chunks()
    lengths = pc.list_value_length(array).to_numpy(zero_copy_only=False)
    odd = np.flatnonzero(lengths != lengths[0]) if len(lengths) else lengths
    if len(odd):
        raise InvalidInput(
            f"{path}: row {odd[0] + 1} has {lengths[odd[0]]} dimensions, row 1 has {lengths[0]}"
        )
    width = int(lengths[0]) if len(lengths) else 0
    values = pc.list_flatten(array)
    if values.null_count:
        at = int(np.argmin(pc.is_valid(values).to_numpy(zero_copy_only=False)))
        raise InvalidInput(f"{path}: row {at // width + 1} holds NULL inside of its vector")
    return as_float32(values.to_numpy(zero_copy_only=False)).reshape(len(array), width)
