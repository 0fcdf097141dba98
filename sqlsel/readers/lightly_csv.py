"""Reads Lightly's embeddings CSV: ``filenames,embedding_0,…,embedding_{d-1},labels``."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from sqlsel.errors import InvalidInput
from sqlsel.readers.csv_columns import matrix, read_columns
from sqlsel.readers.rows_of_vectors import to_arrow

ALLOWED = ("labels", "masked", "selected")


def read_csv(path: Path, names: list[str]) -> pa.Table:
    """sample_id and embedding of each row; InvalidInput where the file is not as Lightly writes it.

    ``names``: the columns of the file.
    """
    width = _check_header(names, path)
    vectors = [f"embedding_{number}" for number in range(width)]
    table = read_columns(path, ["filenames", *vectors], vectors, ["filenames"], is_strict=True)
    _check_names(table["filenames"].to_pylist(), path)
    rows = to_arrow(matrix(table, vectors))
    return pa.table([table["filenames"].combine_chunks(), rows], names=["sample_id", "embedding"])


def _check_header(names: list[str], path: Path) -> int:
    """The number of dimensions; InvalidInput where the header is not as Lightly writes it."""
    blank = [name for name in names if name != name.strip()]
    if blank:
        raise InvalidInput(f"{path}: line 1: blanks around the column name {blank[0]!r}")
    if names[:1] != ["filenames"]:
        raise InvalidInput(f"{path}: line 1: the first column must be filenames")
    if "labels" not in names:
        raise InvalidInput(f"{path}: line 1: there is no column labels (0 in every row will do)")
    vectors = [name for name in names[1:] if name not in ALLOWED]
    for at, name in enumerate(vectors):
        if name != f"embedding_{at}":
            raise InvalidInput(f"{path}: line 1: expected column embedding_{at}, got {name!r}")
    if not vectors:
        raise InvalidInput(f"{path}: line 1: there is no column embedding_0")
    if len(set(names)) < len(names):
        raise InvalidInput(f"{path}: line 1: a column appears twice")
    return len(vectors)


def _check_names(names: list[str], path: Path) -> None:
    """InvalidInput for a row without a file name, or with blanks around it."""
    for row, name in enumerate(names):
        if not name or name != name.strip():
            reason = "blanks around the file name" if name else "there is no file name"
            raise InvalidInput(f"{path}: line {row + 2}: {reason} {name!r}".removesuffix(" ''"))
