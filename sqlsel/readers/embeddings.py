"""Reads vectors of samples: Lightly's CSV, other CSV and Parquet tables, a NumPy array with a list of ids."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from sqlsel.errors import InvalidInput
from sqlsel.readers.csv_columns import header
from sqlsel.readers.import_report import Report
from sqlsel.readers.lightly_csv import read_csv
from sqlsel.readers.npy import read_array
from sqlsel.readers.rows_of_vectors import as_float32, drop_invalid, to_arrow
from sqlsel.readers.vector_columns import VECTORS, numbered_columns
from sqlsel.readers.vector_tables import read_csv_table, read_parquet


def read_embeddings(
    path: Path,
    report: Report,
    *,
    id: str | None = None,
    ids: Path | None = None,
    others: bool = False,
) -> pa.Table:
    """A table of sample_id and embedding (a fixed-size list of float32), in the order of the file.

    ``id``: the column of a table that holds the ids; by default the first of
    sample_id, file_name, filename, filenames, id. ``ids``: the text file with one id per line
    for a ``.npy`` array. ``others``: keep the other columns of a table.
    Rows whose vector is missing or not finite are left out, with a warning. InvalidInput where the file
    cannot be read, or an id is missing or there twice.
    """
    if not path.is_file():
        raise InvalidInput(f"{path}: there is no such file")
    readers: dict[str, Callable[[], pa.Table]] = {
        ".csv": lambda: _csv(path, id, report, others=others),
        ".parquet": lambda: read_parquet(path, id, report, others=others),
        ".npy": lambda: _npy(path, ids),
    }
    if path.suffix.lower() not in readers:
        raise InvalidInput(f"{path}: vectors are read from .csv, .parquet and .npy")
    try:
        table = readers[path.suffix.lower()]()
    except (pa.ArrowInvalid, pa.ArrowTypeError, OSError) as error:
        raise InvalidInput(f"{path}: {error}") from error
    _check_ids(table["sample_id"], path)
    return drop_invalid(table, path, report)


def _csv(path: Path, id: str | None, report: Report, *, others: bool) -> pa.Table:
    """A CSV file, checked strictly where it looks like Lightly's own."""
    names = header(path)
    is_lightlys = names[:1] == ["filenames"] and any(n.startswith("embedding_") for n in names)
    is_table = numbered_columns(names) or any(n in names for n in VECTORS) or _is_other(names)
    if id is None and (is_lightlys or not is_table):
        return read_csv(path, names)
    return read_csv_table(path, names, id, report, others=others)


def _is_other(names: list[str]) -> bool:
    """Whether the header is so unlike Lightly's that its strict checks would only confuse."""
    return bool(names) and not any(n.strip() in ("filenames", "embedding_0") for n in names)


def _npy(path: Path, ids: Path | None) -> pa.Table:
    """A ``.npy`` array with the ids of a text file, one per row."""
    if ids is None:
        raise InvalidInput(
            f"{path}: say where its ids are with --ids FILE, a text file, one id per line"
        )
    array = read_array(path)
    if array.ndim != 2 or array.dtype.kind not in "fiu":
        raise InvalidInput(
            f"{path}: must be one row of numbers per sample, it is {array.dtype} of shape "
            f"{array.shape}"
        )
    names = _lines(ids)
    if len(names) != len(array):
        raise InvalidInput(f"{ids}: has {len(names):,} ids, {path} has {len(array):,} rows")
    columns = [pa.array(names, pa.string()), to_arrow(as_float32(array))]
    return pa.table(columns, names=["sample_id", "embedding"])


def _lines(path: Path) -> list[str]:
    """The lines of a text file; a last line break does not begin another one."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path}: {error}") from error
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n") if text]


def _check_ids(ids: pa.ChunkedArray, path: Path) -> None:
    """InvalidInput where a row has no id, or two rows have the same."""
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
