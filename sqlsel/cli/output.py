"""Rows as a person or a program wants them, written whole or not at all."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from sqlsel import writing
from sqlsel.cli.streams import ClosedStream, TerminalStream
from sqlsel.errors import CatalogError, ConfigError
from sqlsel.writing import is_stream

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
    """The reader of our output has gone, as ``head`` does."""


def choose_format(asked: str | None, output: str | None, otherwise: str) -> str:
    """The format: as asked, else by the ending of the output file, else ``otherwise``."""
    if asked is not None:
        return asked
    if output in (None, "-"):
        return otherwise
    found = _BY_SUFFIX.get(Path(str(output)).suffix.lower())
    if found is None and is_stream(Path(str(output))):
        return otherwise
    if found is None:
        raise ConfigError(
            f"-o {output}: the ending names no format; add --format ({', '.join(FORMATS)})"
        )
    return found


def check_target(output: str | None, *, force: bool) -> None:
    """Refuse to replace a file that exists, or to write where nobody reads, before any work is done."""
    if output in (None, "-"):
        if isinstance(sys.stdout, ClosedStream):
            raise CatalogError("stdout is closed; give -o FILE")
        return
    try:
        writing.check_target(Path(str(output)), replace=force)
    except FileExistsError:
        raise _exists(output) from None


def _exists(output: str | None) -> ConfigError:
    return ConfigError(f"{output} exists; --force replaces it")


def write(
    table: Any,
    form: str,
    output: str | None,
    id_column: str | None = None,
    *,
    force: bool,
    quiet: bool = True,
) -> None:
    """Write ``table`` to ``output`` (None or '-': stdout) in one piece; replace a file only if ``force``.

    Unless ``quiet``, columns that the format cannot hold are told of on stderr.
    """
    if form in ("csv", "ndjson", "json") and not quiet:
        kept = without_vectors(table).column_names
        if lost := [name for name in table.column_names if name not in kept]:
            told = f"{', '.join(lost)}: vectors are left out of {form}; parquet and arrow hold them"
            click.echo(f"note: {told}", err=True)
    if output in (None, "-"):
        return _print(table, form, id_column)
    try:
        with writing.whole_file(Path(str(output)), replace=force) as file:
            _check_terminal(form, file)
            _WRITERS[form](table, file, id_column)
    except FileExistsError:  # another has written it since ``check_target``
        raise _exists(output) from None
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as error:
        raise CatalogError(f"{output}: {error.strerror or error}") from None


def _print(table: Any, form: str, id_column: str | None) -> None:
    _check_terminal(form, sys.stdout)
    try:
        if isinstance(sys.stdout, TerminalStream):
            shown = io.BytesIO()
            _WRITERS[form](table, shown, id_column)
            sys.stdout.write(shown.getvalue().decode())
        else:
            _WRITERS[form](table, sys.stdout.buffer, id_column)
        sys.stdout.flush()
    except BrokenPipeError:
        raise ReaderGone from None  # click would end with 1 at a BrokenPipeError


def _check_terminal(form: str, file: Any) -> None:
    if form in ("parquet", "arrow") and file.isatty():
        raise ConfigError(f"{form} is not for a terminal; give -o FILE")


def _parquet(table: Any, file: Any, id_column: str | None) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, file, write_page_checksum=True)


def _arrow(table: Any, file: Any, id_column: str | None) -> None:
    import pyarrow as pa

    with pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def _filenames(table: Any, file: Any, id_column: str | None) -> None:
    file.write("".join(f"{name}\n" for name in check_names(table, id_column)).encode())


def check_names(table: Any, id_column: str | None) -> list[str]:
    """The ids of the picks; ConfigError where they are not known or cannot be one per line."""
    if id_column is None:
        raise ConfigError(
            "the data has no column sample_id, file_name or id; "
            "name one with --id, or give --format csv"
        )
    names = [str(name) for name in table.column(id_column).to_pylist()]
    if any("\n" in name or "\r" in name for name in names):
        raise ConfigError("a sample id holds a line break; use --format ndjson")
    return names


def _csv(table: Any, file: Any, id_column: str | None) -> None:
    """Structs are flattened to dotted names; vectors are left out."""
    import csv

    flat = flattened(without_vectors(table))
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(flat.column_names)
    for batch in flat.to_batches(max_chunksize=4096):
        writer.writerows(zip(*(c.to_pylist() for c in batch.columns), strict=True))
    text.detach()


def _ndjson(table: Any, file: Any, id_column: str | None) -> None:
    from sqlsel.api import as_json

    for row in without_vectors(table).to_pylist():
        file.write(f"{as_json(row)}\n".encode())


def _json(table: Any, file: Any, id_column: str | None) -> None:
    from sqlsel.api import as_json

    rows = [as_json(row) for row in without_vectors(table).to_pylist()]
    file.write(("[" + ",\n ".join(rows) + "]\n").encode())


def _table(table: Any, file: Any, id_column: str | None) -> None:
    """DuckDB's own box; a vector shows as its type and length."""
    import duckdb

    text = str(duckdb.from_arrow(with_short_vectors(table)))
    file.write(f"{text.rstrip()}\n".encode())


def _is_vector(kind: Any) -> bool:
    import pyarrow as pa

    listed = (
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )
    return bool(listed and pa.types.is_floating(kind.value_type))


def without_vectors(table: Any) -> Any:
    """The table without columns of vectors."""
    kept = [name for name in table.column_names if not _is_vector(table.schema.field(name).type)]
    return table.select(kept)


def with_short_vectors(table: Any) -> Any:
    """Vectors as ``f32[512]``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for place, field in enumerate(table.schema):
        if _is_vector(field.type):
            lengths = pc.list_value_length(table.column(place)).to_pylist()
            bits = field.type.value_type.bit_width
            short = [None if n is None else f"f{bits}[{n}]" for n in lengths]
            table = table.set_column(place, field.name, pa.array(short, pa.string()))
    return table


def flattened(table: Any) -> Any:
    """Structs as columns with dotted names."""
    import pyarrow as pa

    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return without_vectors(table)


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
    """-o, --format, --force."""
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
