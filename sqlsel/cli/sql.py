"""``sqlsel sql``: SQL that may hold USING STRATEGY."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import Any

import click

from sqlsel.cli.options import verbosity_options
from sqlsel.cli.output import check_target, choose_format, output_options, write
from sqlsel.cli.report import print_outcome
from sqlsel.cli.streams import read_text
from sqlsel.process.progress_line import progress_line


@click.command("sql")
@click.argument("query", required=False)
@click.option("-c", "command", metavar="TEXT", help="The statement, as an option.")
@click.option("-f", "file", metavar="FILE", help="Read the statements from a file.")
@click.option("--db", envvar="SQLSEL_DB", metavar="FILE", help="A DuckDB database.")
@click.option(
    "-p", "parameters", type=(str, str), multiple=True, metavar="NAME VALUE", help="Bind $NAME."
)
@click.option("--memory-limit", metavar="SIZE", help="What the vectors may take, e.g. '12 GiB'.")
@output_options
@verbosity_options
def sql_command(
    query: str | None,
    command: str | None,
    file: str | None,
    db: str | None,
    parameters: tuple[tuple[str, str], ...],
    memory_limit: str | None,
    output: str | None,
    form: str | None,
    *,
    force: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Run QUERY (- or nothing: stdin) and print its rows; on a terminal, ask for statements.

    Example: sqlsel sql "SELECT file_name FROM 'images.parquet'
    USING STRATEGY DIVERSITY(embedding) LIMIT 10"
    """
    from sqlsel.cli.prompt import Prompt, is_interactive
    from sqlsel.feed.statements import rewrite

    asks = query is command is file is output is None and is_interactive()
    form = choose_format(form, output, "table" if sys.stdout.isatty() else "csv")
    check_target(output, force=force)
    bound = dict(parameters) or None
    with closing(_connect(db)) as con:

        def run(text: str, form: str) -> None:
            if verbose:
                click.echo(rewrite(text).sql, err=True)
            target = {"form": form, "output": output, "force": force}
            _run(con, text, bound, memory_limit, target, quiet=quiet)

        if asks:
            return Prompt(run, form).loop()
        run(_statement(query, command, file), form)
    return 0


def _connect(db: str | None) -> Any:
    """A connection for writing, so that CREATE TABLE works; ``:memory:`` as in DuckDB's shell."""
    from sqlsel.catalog import connect

    return connect(None if db == ":memory:" else db, write=True)


def _run(
    con: Any,
    text: str,
    parameters: dict[str, str] | None,
    memory_limit: str | None,
    target: dict[str, Any],
    *,
    quiet: bool,
) -> None:
    """Run the statements, write the rows of the last one to ``target`` (arguments of ``write``), report on stderr."""
    from sqlsel.clause.naming import named_columns
    from sqlsel.duckdb import sql

    report, remove = progress_line(quiet=quiet)
    try:
        result = sql(con, text, parameters, memory_limit=memory_limit, progress=report)
    finally:
        remove()
    if not result.columns:  # nothing but comments and semicolons
        return
    id_column = next((c for c in ("sample_id", "file_name", "id") if c in result.columns), None)
    named = named_columns(text, result.columns)
    write(result.arrow(), id_column=id_column, **target, quiet=quiet, named=named)
    if not quiet:
        for facts in result.facts:
            print_outcome(facts)


def _statement(query: str | None, command: str | None, file: str | None) -> str:
    """The text of the one source that is used, of stdin for ``-`` or none; UsageError or CatalogError."""
    sources = [x for x in (query, command, file) if x is not None]
    if len(sources) > 1:
        raise click.UsageError("give the statement once: as argument, with -c or with -f")
    if file is not None:
        return read_text(file)
    if sources and sources[0] != "-":
        return sources[0]
    if not sources and sys.stdin.isatty():  # a terminal, but the rows go elsewhere: nobody to ask
        raise click.UsageError(
            'give a statement, e.g. sqlsel sql "SELECT ... USING STRATEGY ... LIMIT 10"'
        )
    return read_text("-")
