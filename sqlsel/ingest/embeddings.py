"""Vectors of samples: Lightly's CSV, Parquet, or a NumPy array with a list of ids."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sqlsel.errors import InvalidInput, unknown
from sqlsel.ingest.lightly_csv import read_csv
from sqlsel.ingest.report import Report

IDS = ("sample_id", "file_name", "filename", "filenames", "id")
VECTORS = ("embedding", "embeddings", "vector", "vectors")
NO_VECTOR = "rows without a vector are left out"


def read_embeddings(
    path: Path, report: Report, *, id: str | None = None, ids: Path | None = None
) -> pa.Table:
    """sample_id and embedding (a fixed-size list of float32), in the order of the file.

    ``id``: the column of a Parquet file that holds the ids; without it, the first of
    sample_id, file_name, filename, filenames, id. ``ids``: the text file with one id per line
    that belongs to a ``.npy`` array.
    """
    if not path.is_file():
        raise InvalidInput(f"{path}: there is no such file")
    readers: dict[str, Callable[[], pa.Table]] = {
        ".csv": lambda: read_csv(path),
        ".parquet": lambda: _parquet(path, id, report),
        ".npy": lambda: _npy(path, ids),
    }
    if path.suffix.lower() not in readers:
        raise InvalidInput(f"{path}: vectors are read from .csv, .parquet and .npy")
    try:
        table = readers[path.suffix.lower()]()
    except (pa.ArrowInvalid, pa.ArrowTypeError, OSError) as error:
        raise InvalidInput(f"{path}: {error}") from error
    _check_ids(table["sample_id"], path)
    return table


def _parquet(path: Path, id: str | None, report: Report) -> pa.Table:
    import pyarrow.parquet as pq

    schema = pq.read_schema(path)
    vector = _vector_column(schema, path)
    own = _id_column(schema, id, path)
    table = pq.read_table(path, columns=[own, vector])
    missing = table[vector].null_count
    if missing:
        report.warn(NO_VECTOR, str(path), missing)
        table = table.filter(pc.is_valid(table[vector]))
    names = table[own].combine_chunks().cast(pa.string())
    return _table(names, _matrix(table[vector], path))


def _id_column(schema: pa.Schema, id: str | None, path: Path) -> str:
    if id is not None:
        if id not in schema.names:
            raise InvalidInput(f"{path}: {unknown('column', id, schema.names)}")
        return id
    for name in IDS:
        if name in schema.names:
            return name
    columns = ", ".join(schema.names)
    raise InvalidInput(f"{path}: say which column holds the ids with id=…; it has {columns}")


def _vector_column(schema: pa.Schema, path: Path) -> str:
    found: list[str] = [field.name for field in schema if _is_vector(field.type)]
    usual = [name for name in VECTORS if name in found]
    if usual or len(found) == 1:
        return (usual or found)[0]
    told = f"has several: {', '.join(found)}" if found else "has none"
    raise InvalidInput(f"{path}: needs one column of vectors, called embedding; it {told}")


def _is_vector(kind: pa.DataType) -> bool:
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return any(test(kind) for test in lists) and pa.types.is_floating(kind.value_type)


def _matrix(column: pa.ChunkedArray, path: Path) -> npt.NDArray[np.float32]:
    """The vectors as rows; an error names the first row that is odd."""
    array = column.combine_chunks()
    lengths = pc.list_value_length(array).to_numpy(zero_copy_only=False)
    odd = np.flatnonzero(lengths != lengths[0]) if len(lengths) else lengths
    if len(odd):
        raise InvalidInput(
            f"{path}: row {odd[0]} has {lengths[odd[0]]} dimensions, row 0 has {lengths[0]}"
        )
    width = int(lengths[0]) if len(lengths) else 0
    values = pc.list_flatten(array)
    if values.null_count:
        at = int(np.argmin(pc.is_valid(values).to_numpy(zero_copy_only=False)))
        raise InvalidInput(f"{path}: row {at // width} holds NULL inside of its vector")
    numbers = np.asarray(values.to_numpy(zero_copy_only=False), np.float32)
    return numbers.reshape(len(array), width)


def _npy(path: Path, ids: Path | None) -> pa.Table:
    if ids is None:
        raise InvalidInput(
            f"{path}: say where its ids are with ids=…, a text file, one id per line"
        )
    try:
        matrix = np.load(path)
    except ValueError as error:
        raise InvalidInput(f"{path}: is no array of numbers: {error}") from error
    if matrix.ndim != 2 or matrix.dtype.kind not in "fiu":
        raise InvalidInput(
            f"{path}: must be one row of numbers per sample, it is {matrix.dtype} of shape "
            f"{matrix.shape}"
        )
    names = _lines(ids)
    if len(names) != len(matrix):
        raise InvalidInput(f"{ids}: has {len(names):,} ids, {path} has {len(matrix):,} rows")
    return _table(pa.array(names, pa.string()), matrix.astype(np.float32, copy=False))


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path}: {error}") from error
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n") if text]


def _table(names: pa.Array, matrix: npt.NDArray[np.float32]) -> pa.Table:
    flat = pa.array(np.ascontiguousarray(matrix).reshape(-1))
    vectors = pa.FixedSizeListArray.from_arrays(flat, max(matrix.shape[1], 1))
    return pa.table([names, vectors], names=["sample_id", "embedding"])


def _check_ids(ids: pa.ChunkedArray, path: Path) -> None:
    """Every row has an id, and no two the same."""
    names = ids.to_pylist()
    for row, name in enumerate(names):
        if not name:
            raise InvalidInput(f"{path}: row {row + 1} has no id")
    if len(set(names)) < len(names):
        seen: dict[str, int] = {}
        for row, name in enumerate(names):
            if seen.setdefault(name, row) != row:
                raise InvalidInput(
                    f"{path}: {name!r} stands in rows {seen[name] + 1} and {row + 1}"
                )
