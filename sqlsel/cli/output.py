"""Writes an Arrow table in the formats of the command line, to stdout or to a file that is whole or not there."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import click

from sqlsel.cli.cells import (
    csv_rows,
    flatten_structs,
    json_rows,
    with_short_vectors,
    without_vectors,
)
from sqlsel.cli.streams import ClosedStream, TerminalStream
from sqlsel.errors import CatalogError, ConfigError
from sqlsel.process import whole_files
from sqlsel.process.whole_files import is_stream

FORMATS = ("parquet", "arrow", "csv", "ndjson", "json", "table", "filenames")
_BY_SUFFIX = {
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".ipc": "arrow",
    ".feather": "arrow",
    ".csv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "json",
    ".txt": "filenames",
}


class ReaderGone(Exception):
    """The process that reads our output has closed its end, as ``head`` does."""


def choose_format(form: str | None, output: str | None, otherwise: str) -> str:
    """The name of the format: ``form`` if given, else by the suffix of the file ``output``.

    ``otherwise`` for stdout (None or '-') and for a pipe or device without a known suffix. ConfigError for any other
    file whose suffix is missing or unknown.
    """
    if form is not None:
        return form
    if output in (None, "-"):
        return otherwise
    by_suffix = _BY_SUFFIX.get(Path(str(output)).suffix.lower())
    if by_suffix is None and is_stream(Path(str(output))):
        return otherwise
    if by_suffix is None:
        raise ConfigError(
            f"-o {output}: the ending names no format; add --format ({', '.join(FORMATS)})"
        )
    return by_suffix


def check_target(output: str | None, *, force: bool) -> None:
    """ConfigError for a file that exists (unless ``force``), CatalogError for one that cannot be written.

    Called before any work is done, since that may take hours. A closed stdout is a CatalogError, too.
    """
    if output in (None, "-"):
        if isinstance(sys.stdout, ClosedStream):
            raise CatalogError("stdout is closed; give -o FILE")
        return
    try:
        whole_files.check_target(Path(str(output)), replace=force)
    except FileExistsError:
        raise _exists(output) from None


def _exists(output: str | None) -> ConfigError:
    return ConfigError(f"{output} exists; --force replaces it")


def _check_unions(table: Any, form: str) -> None:
    """ConfigError for a UNION in a format that cannot hold it.

    For parquet anywhere in a column, for csv within a struct, at which Arrow would end the process; other formats are
    not checked.
    """
    from sqlsel.columns.types import has_union

    for field in table.schema:
        nested = form == "csv" and str(field.type).startswith("struct")
        if (form == "parquet" or nested) and has_union(field.type):
            raise ConfigError(
                f"{field.name} is a UNION or holds one, which {form} does not have; select {field.name}::VARCHAR, "
                "or give --format ndjson or arrow"
            )


def write(
    table: Any,
    form: str,
    output: str | None,
    id_column: str | None = None,
    *,
    force: bool,
    quiet: bool = True,
    named: Collection[str] = (),
) -> None:
    """Write ``table`` to ``output`` (None or '-': stdout).

    csv, ndjson and json leave out vector columns, except those ``named`` in the query; unless ``quiet``, stderr says
    so. ``id_column``: the column that the format filenames prints. ConfigError for a file that exists (unless
    ``force``), a UNION that the format cannot hold, a binary format on a terminal, and names that cannot be listed;
    CatalogError where the file cannot be written; ReaderGone where the reader of the output has closed it.
    """
    _check_unions(table, form)
    if form in ("csv", "ndjson", "json"):
        table, dropped = without_vectors(table, named)
        if dropped and not quiet:
            text = (
                f"{', '.join(dropped)}: vectors are left out of {form}; parquet and arrow hold them"
            )
            click.echo(f"note: {text}", err=True)
    if output in (None, "-"):
        return _print(table, form, id_column)
    try:
        with whole_files.whole_file(Path(str(output)), replace=force) as file:
            _check_terminal(form, file)
            _WRITERS[form](table, file, id_column)
    except FileExistsError:  # another has written it since ``check_target``
        raise _exists(output) from None
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as error:
        raise CatalogError(f"{output}: {error.strerror or error}") from None


def _print(table: Any, form: str, id_column: str | None) -> None:
    """Write to stdout; ReaderGone where its reader has closed it."""
    _check_terminal(form, sys.stdout)
    try:
        if isinstance(
            sys.stdout, TerminalStream
        ):  # its ``write`` escapes control characters, its buffer does not
            buffer = io.BytesIO()
            _WRITERS[form](table, buffer, id_column)
            sys.stdout.write(buffer.getvalue().decode())
        else:
            _WRITERS[form](table, sys.stdout.buffer, id_column)
        sys.stdout.flush()
    except BrokenPipeError:
        raise ReaderGone from None  # click would end with 1 at a BrokenPipeError


def _check_terminal(form: str, file: Any) -> None:
    """ConfigError for a binary format on a terminal."""
    if form in ("parquet", "arrow") and file.isatty():
        raise ConfigError(f"{form} is not for a terminal; give -o FILE")


def _parquet(table: Any, file: Any, id_column: str | None) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, file, write_page_checksum=True)


def _arrow(table: Any, file: Any, id_column: str | None) -> None:
    """Write as an Arrow IPC file (Feather V2), not as a stream; ``id_column`` is not used."""
    import pyarrow as pa

    with pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def _filenames(table: Any, file: Any, id_column: str | None) -> None:
    file.write("".join(f"{name}\n" for name in check_names(table, id_column)).encode())


def check_names(table: Any, id_column: str | None) -> list[str]:
    """The ids of the picks; ConfigError where the rows have no id column or an id holds a line break."""
    if id_column is None:
        raise ConfigError(
            "the rows have no column sample_id, file_name or id; "
            "call one of them so (AS sample_id), or give --format csv"
        )
    names = [str(name) for name in table.column(id_column).to_pylist()]
    if any("\n" in name or "\r" in name for name in names):
        raise ConfigError("a sample id holds a line break; use --format ndjson")
    return names


def _csv(table: Any, file: Any, id_column: str | None) -> None:
    """Structs are flattened to dotted names; other nested values are JSON."""
    import csv

    flat = flatten_structs(table)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")  # the default is that of Windows
    writer.writerow(flat.column_names)
    writer.writerows(csv_rows(flat))
    text.detach()  # else the file would be closed with the wrapper


def _ndjson(table: Any, file: Any, id_column: str | None) -> None:
    for row in json_rows(table):
        file.write(f"{row}\n".encode())


def _json(table: Any, file: Any, id_column: str | None) -> None:
    file.write(("[" + ",\n ".join(json_rows(table)) + "]\n").encode())


def _table(table: Any, file: Any, id_column: str | None) -> None:
    """DuckDB's own box, which shortens long tables; a vector appears as its type and length."""
    import duckdb

    text = str(duckdb.from_arrow(with_short_vectors(table)))
    file.write(f"{text.rstrip()}\n".encode())


_WRITERS: dict[str, Callable[[Any, Any, str | None], None]] = {
    "parquet": _parquet,
    "arrow": _arrow,
    "csv": _csv,
    "ndjson": _ndjson,
    "json": _json,
    "table": _table,
    "filenames": _filenames,
}


def output_options(command: Any) -> Any:
    """Decorator: adds -o/--output, --format, --force; the command gets ``output``, ``form`` and ``force``."""
    for option in reversed(
        [
            click.option(
                "-o", "--output", metavar="FILE", help="Write here instead of stdout (- is stdout)."
            ),
            click.option(
                "--format", "form", type=click.Choice(FORMATS), help="Format [by the ending of -o]."
            ),
            click.option("--force", is_flag=True, help="Replace an output file that exists."),
        ]
    ):
        command = option(command)
    return command
