"""Shared by the commands that compute something for each image of a folder: where results go, progress, the end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from sqlsel.cli.databases import database, remove
from sqlsel.cli.output import FORMATS, check_target, choose_format, write
from sqlsel.errors import CatalogError
from sqlsel.process.progress_line import progress_line
from sqlsel.process.whole_files import is_stream

Command = TypeVar("Command", bound=Callable[..., Any])

_IMAGES = "{done:,} of {total:,} images, {rate:.1f} images/s"


@dataclass(frozen=True)
class Destination:
    """Where results go: into the catalogue ``db``, as rows into the file ``output`` (None or "-": stdout), or both."""

    db: str | None
    output: str | None
    form: str
    quiet: bool
    verbose: bool = False
    force: bool = False

    @property
    def database(self) -> str | None:
        """The database to work in; None is one in memory.

        For an output file it is a file beside that one, so that an interrupted run can be continued.
        """
        if self.db or self.output in (None, "-") or is_stream(Path(str(self.output))):
            return self.db
        return f"{self.output}.unfinished"

    @property
    def wants_rows(self) -> bool:
        """Whether rows are written, also beside a catalogue."""
        return self.db is None or self.output is not None


def destination_of(options: dict[str, Any]) -> Destination:
    """The destination by the values of ``destination_options``, which are removed from ``options``.

    ConfigError or CatalogError, before any work, where the output cannot be written.
    """
    output = options.pop("output")
    destination = Destination(
        options.pop("db"),
        output,
        choose_format(options.pop("form"), output, "table" if sys.stdout.isatty() else "csv"),
        options.pop("quiet"),
        options.pop("verbose"),
        options["force"],
    )
    if destination.wants_rows:
        check_target(output, force=options["force"])
    return destination


@contextmanager
def working_connection(destination: Destination) -> Iterator[Any]:
    """A connection to the database to work in.

    After a failure, results of single images are kept for the next run, and a line on stderr says so;
    without any, a database that was made for it is removed.
    """
    n_finished = 0

    def worth_keeping(con: Any) -> bool:
        nonlocal n_finished
        n_finished = _count_finished(con)
        return n_finished > 0

    try:
        with database(destination.database, worth_keeping) as con:
            yield con
    except BaseException:
        if n_finished:
            click.echo(
                f"{n_finished:,} images are done and kept in {destination.database}; "
                "the same command goes on with the others",
                err=True,
            )
        raise
    if destination.database != destination.db:
        remove(destination.database)


def _count_finished(con: Any) -> int:
    """How many images have their results in the tables of an unfinished run (``unfinished_…``)."""
    import duckdb

    with suppress(duckdb.Error):  # asked after a failure, when the connection itself may be broken
        tables = con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE starts_with(table_name, 'unfinished_')"
        ).fetchall()
        return sum(
            con.execute(f'SELECT count(*) FROM "{schema}"."{table}"').fetchall()[0][0]
            for schema, table in tables
        )
    return 0


@contextmanager
def progress_keyword(destination: Destination) -> Iterator[dict[str, Any]]:
    """The keyword argument ``progress`` for a computation, empty without a terminal; erases the line in the end."""
    report, remove = progress_line(quiet=destination.quiet, what=_IMAGES)
    try:
        yield {} if report is None else {"progress": report}
    finally:
        remove()


def write_results(
    destination: Destination, imported: Any, summary: Any, rows: Callable[[], Any]
) -> None:
    """Print one line per table written, or write ``rows()``; then say on stderr what was left out, and the speed.

    CatalogError where no image at all could be used.
    """
    if destination.db is not None:
        for table, count, columns in imported.tables:
            line = f"{imported.dataset.name}.{table}: {count:,} rows new or updated  {columns}"
            click.echo(line.rstrip())
    if destination.wants_rows:
        write(
            rows(),
            destination.form,
            destination.output,
            "sample_id",
            force=destination.force,
            quiet=destination.quiet,
        )
    if not destination.quiet:
        for line in [*imported.report.lines(every=destination.verbose), str(summary)]:
            click.echo(line, err=True)
    check_not_all_failed(summary)


def check_not_all_failed(throughput: Any) -> None:
    """CatalogError where there were images and none could be used."""
    if throughput.done and throughput.failed == throughput.done:
        raise CatalogError(f"none of the {throughput.done:,} images could be used")


def destination_options(command: Command) -> Command:
    """Decorator: adds --db, --name, -o, --format, --force, --threads."""
    for option in reversed(
        [
            click.option(
                "--db", envvar="SQLSEL_DB", metavar="FILE", help="Put it into this catalogue."
            ),
            click.option(
                "--name", metavar="DATASET", help="The dataset [the one with these images]."
            ),
            click.option("-o", "--output", metavar="FILE", help="Write rows here (- is stdout)."),
            click.option(
                "--format", "form", type=click.Choice(FORMATS), help="Format [by the ending of -o]."
            ),
            click.option("--force", is_flag=True, help="Replace what is there: a file, a table."),
            click.option("--threads", type=click.IntRange(min=1), help="Cores to use [all]."),
        ]
    ):
        command = option(command)
    return command
