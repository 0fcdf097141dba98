"""Reads columns of a CSV file by name; errors give the line of the first value that is no number."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from sqlsel.errors import InvalidInput
from sqlsel.readers.rows_of_vectors import Matrix, as_float32

_MISSING = ["", "null", "NULL", "None", "NA", "N/A"]


def header(path: Path) -> list[str]:
    """The names of the columns, of the first line; InvalidInput where it is not UTF-8."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return next(csv.reader([file.readline()]), [])
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path}: is not UTF-8: {error.reason}") from error


def read_columns(
    path: Path,
    columns: Sequence[str],
    numbers: Sequence[str],
    texts: Sequence[str],
    *,
    is_strict: bool,
) -> pa.Table:
    """The ``columns`` of the file: ``numbers`` as floats, ``texts`` as strings, others by Arrow's inference.

    ``is_strict``: numbers must not be missing, and lines not be empty. InvalidInput names the first bad line.
    """
    for kind in (pa.float32(), pa.float64()):  # Arrow refuses numbers beyond float32
        kinds = {**dict.fromkeys(numbers, kind), **dict.fromkeys(texts, pa.string())}
        try:
            return _read(path, columns, kinds, is_strict=is_strict)
        except pa.ArrowInvalid as error:
            fault = _first_fault(path, header(path), set(numbers), is_strict=is_strict)
            if fault is not None or kind == pa.float64():
                raise InvalidInput(f"{path}: {fault or error}") from error
    raise AssertionError("the second kind returns or raises")


def _read(
    path: Path, columns: Sequence[str], kinds: dict[str, pa.DataType], *, is_strict: bool
) -> pa.Table:
    """The columns by Arrow's CSV reader; ArrowInvalid for a value that is not of its type."""
    from pyarrow import csv as arrow_csv

    convert = arrow_csv.ConvertOptions(
        column_types=kinds,
        include_columns=list(columns),
        null_values=[] if is_strict else _MISSING,
    )
    parse = arrow_csv.ParseOptions(
        ignore_empty_lines=not is_strict, newlines_in_values=not is_strict
    )
    return arrow_csv.read_csv(path, parse_options=parse, convert_options=convert)


def matrix(table: pa.Table, numbers: Sequence[str]) -> Matrix:
    """Some columns of numbers as the columns of a float32 matrix."""
    rows = np.empty((len(table), len(numbers)), np.float32)
    for at, name in enumerate(numbers):
        rows[:, at] = as_float32(table[name].to_numpy())
    return rows


def _first_fault(
    path: Path, names: Sequence[str], numbers: set[str], *, is_strict: bool
) -> str | None:
    """The first line that does not fit the header, and why, as text; None where all do.

    Arrow's own message names neither the line nor the column in words of the user's.
    """
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        lines = csv.reader(file)
        for row in lines:
            if len(row) != len(names):
                if not row and not is_strict:
                    continue
                reason = (
                    f"has {len(row)} values, the header has {len(names)}" if row else "is empty"
                )
                return f"line {lines.line_num}: {reason}"
            for name, value in zip(names, row, strict=True):
                if name in numbers and name != value and not _is_number(value, is_strict=is_strict):
                    return f"line {lines.line_num}: {name} must be a number, got {value!r}"
    return None


def _is_number(text: str, *, is_strict: bool) -> bool:
    """Whether the text is a number, or one of the spellings of a missing one where these are allowed."""
    try:
        float(text)
    except ValueError:
        return not is_strict and text in _MISSING
    return True
