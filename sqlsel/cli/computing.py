"""What the commands share that compute something for every image of a folder."""

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
class Place:
    """Where results go: a catalogue, or rows in a file or on stdout."""

    db: str | None
    output: str | None
    form: str
    quiet: bool
    verbose: bool = False
    force: bool = False

    @property
    def database(self) -> str | None:
        """The database to work in; beside an output file it keeps what is done until all of it is."""
        if self.db or self.output in (None, "-") or is_stream(Path(str(self.output))):
            return self.db
        return f"{self.output}.unfinished"

    @property
    def wants_rows(self) -> bool:
        return self.db is None or self.output is not None


def place_of(told: dict[str, Any]) -> Place:
    """The dataset and output by the options of ``place_options``, removed from ``told``; the output is checked."""
    output = told.pop("output")
    place = Place(
        told.pop("db"),
        output,
        choose_format(told.pop("form"), output, "table" if sys.stdout.isatty() else "csv"),
        told.pop("quiet"),
        told.pop("verbose"),
        told["force"],
    )
    if place.wants_rows:
        check_target(output, force=told["force"])
    return place


@contextmanager
def opened(place: Place) -> Iterator[Any]:
    """A connection to work in; after a failure it says what is kept, or leaves nothing behind."""
    kept = 0

    def worth_keeping(con: Any) -> bool:
        nonlocal kept
        kept = _done(con)
        return kept > 0

    try:
        with database(place.database, worth_keeping) as con:
            yield con
    except BaseException:
        if kept:
            click.echo(
                f"{kept:,} images are done and kept in {place.database}; "
                "the same command goes on with the others",
                err=True,
            )
        raise
    if place.database != place.db:
        remove(place.database)


def _done(con: Any) -> int:
    """How many files have their results in work that is not finished."""
    import duckdb

    with suppress(duckdb.Error):
        tables = con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE starts_with(table_name, 'unfinished_')"
        ).fetchall()
        return sum(
            con.execute(f'SELECT count(*) FROM "{schema}"."{table}"').fetchall()[0][0]
            for schema, table in tables
        )
    return 0


@contextmanager
def watched(place: Place) -> Iterator[dict[str, Any]]:
    """The argument ``progress`` of a computation; its line is gone in the end."""
    report, remove = progress_line(quiet=place.quiet, what=_IMAGES)
    try:
        yield {} if report is None else {"progress": report}
    finally:
        remove()


def finish(place: Place, done: Any, pace: Any, rows: Callable[[], Any]) -> None:
    """Print the tables that were made, or write the rows; then what was left out, and the pace."""
    if place.db is not None:
        for table, count, columns in done.tables:
            told = f"{done.dataset.name}.{table}: {count:,} rows new or updated  {columns}"
            click.echo(told.rstrip())
    if place.wants_rows:
        write(rows(), place.form, place.output, "sample_id", force=place.force, quiet=place.quiet)
    if not place.quiet:
        for line in [*done.report.lines(every=place.verbose), str(pace)]:
            click.echo(line, err=True)
    check_some(pace)


def check_some(pace: Any) -> None:
    """CatalogError where nothing came of any image."""
    if pace.done and pace.failed == pace.done:
        raise CatalogError(f"none of the {pace.done:,} images could be used")


def place_options(command: Command) -> Command:
    """--db, --name, -o, --format, --force, --threads."""
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
