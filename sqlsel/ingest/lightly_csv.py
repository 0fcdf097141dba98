"""Lightly's embeddings CSV: ``filenames,embedding_0,…,embedding_{d-1},labels``."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pyarrow as pa

from sqlsel.errors import InvalidInput

ALLOWED = ("labels", "masked", "selected")


def read_csv(path: Path) -> pa.Table:
    """sample_id and embedding of each row; an InvalidInput says what is not as Lightly writes it."""
    from pyarrow import csv as arrow_csv

    names = _header(path)
    width = _check_header(names, path)
    vectors = [f"embedding_{number}" for number in range(width)]
    convert = arrow_csv.ConvertOptions(
        column_types={"filenames": pa.string(), **dict.fromkeys(vectors, pa.float32())},
        include_columns=["filenames", *vectors],
        null_values=[],
    )
    parse = arrow_csv.ParseOptions(ignore_empty_lines=False)
    try:
        table = arrow_csv.read_csv(path, parse_options=parse, convert_options=convert)
    except pa.ArrowInvalid as error:
        raise InvalidInput(f"{path}: {_first_fault(path, names) or error}") from error
    _check_names(table["filenames"].to_pylist(), path)
    matrix = np.empty((len(table), width), np.float32)
    for at, name in enumerate(vectors):
        matrix[:, at] = table[name].to_numpy()
    flat = pa.array(matrix.reshape(-1))
    rows = pa.FixedSizeListArray.from_arrays(flat, width)
    return pa.table([table["filenames"].combine_chunks(), rows], names=["sample_id", "embedding"])


def _header(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return next(csv.reader([file.readline()]), [])
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path}: is not UTF-8: {error.reason}") from error


def _check_header(names: list[str], path: Path) -> int:
    """How many dimensions the columns tell of."""
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
    for row, name in enumerate(names):
        if not name or name != name.strip():
            told = "blanks around the file name" if name else "there is no file name"
            raise InvalidInput(f"{path}: line {row + 2}: {told} {name!r}".removesuffix(" ''"))


def _first_fault(path: Path, names: list[str]) -> str | None:
    """Where the first line is that is not as the header says, and what is wrong with it."""
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        lines = csv.reader(file)
        for row in lines:
            if len(row) != len(names):
                told = f"has {len(row)} values, the header has {len(names)}" if row else "is empty"
                return f"line {lines.line_num}: {told}"
            for name, value in zip(names, row, strict=True):
                if name.startswith("embedding_") and name != value and not _is_number(value):
                    return f"line {lines.line_num}: {name} must be a number, got {value!r}"
    return None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
