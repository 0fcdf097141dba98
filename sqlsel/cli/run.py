"""``sqlsel run``: a Lightly selection configuration on your data."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sqlsel.cli.options import data_options, pop_options, verbosity_options
from sqlsel.cli.output import check_names, check_target, choose_format, output_options, write
from sqlsel.cli.report import print_outcome
from sqlsel.process.progress_line import progress_line

if TYPE_CHECKING:
    import duckdb

    from sqlsel.duckdb.result import Result
    from sqlsel.feed import Facts
    from sqlsel.jobs.compiler import Compiled


@click.command("run")
@click.argument("config")
@data_options
@output_options
@click.option(
    "--memory-limit",
    metavar="SIZE",
    help="What the vectors may take, e.g. '12 GiB' [70 % of what is free].",
)
@click.option("--threads", type=click.IntRange(min=1), help="Threads of DuckDB.")
@click.option("--dry-run", is_flag=True, help="Explain with counts; select nothing.")
@click.option(
    "--tag",
    is_flag=False,
    flag_value="@",
    metavar="[NAME]",
    help="Keep the picks in the dataset under this name [a generated one].",
)
@click.option("--append", is_flag=True, help="The tag may exist; it grows.")
@click.option("--strict", is_flag=True, help="End with code 3 when fewer are selected than asked.")
@verbosity_options
def run_command(
    config: str, data: str | None, db: str | None, *, quiet: bool, verbose: bool, **options: Any
) -> int:
    """Run the selection configuration CONFIG (JSON; - is stdin) on --data.

    stdout gets the ids of the picks in pick order, or the rows with -o or --format; stderr says
    how far each objective was reached.

    Example: sqlsel run selection.json --data images.parquet -o selected.parquet
    """
    from sqlsel.api import connect_for
    from sqlsel.duckdb.explained import explain_statement
    from sqlsel.jobs.compiler import compile_config
    from sqlsel.jobs.run_record import check_tag, tags_to_write

    form = choose_format(options["form"], options["output"], "filenames")
    check_target(options["output"], force=options["force"])
    check_data(data, db)
    parsed = read_argument(config)
    tags = tags_to_write(parsed, options["tag"])
    # A connection for writing locks the file for other processes, so only where it is needed.
    writes = bool(tags) and not options["dry_run"] and not parsed.problems
    with closing(connect_for(db, write=writes)) as con:
        if options["threads"] is not None:
            con.execute(f"SET threads = {int(options['threads'])}")
        compiled = compile_config(
            con,
            parsed,
            data,
            in_database=db is not None,
            options=replace(_run_options(options), quiet=quiet),
            check=partial(check_tag, tag=options["tag"], append=options["append"]),
        )
        _check_key(form, compiled.key)
        if options["dry_run"]:
            click.echo(explain_statement(con, compiled.statement, compiled.hints).text())
            return 0
        if verbose:
            click.echo(compiled.statement, err=True)
        result = _select(con, compiled, options, form, quiet=quiet)
    write(result.arrow(), form, options["output"], compiled.key, force=options["force"])
    if not quiet:
        print_outcome(result.facts[-1], compiled.hints)
    return _exit_code(result.facts[-1], strict=options["strict"])


def check_data(data: str | None, db: str | None) -> None:
    """UsageError where neither --data nor --db names what to select from."""
    if data is None and db is None:
        raise click.UsageError(
            "--data is missing: the file or folder or, with --db, the dataset or table to select from"
        )


def read_argument(config: str) -> Any:
    """The configuration in the file ``config`` ("-": of stdin), parsed; its faults are in ``problems``, not raised."""
    from sqlsel.config.documents import read_draft, read_text
    from sqlsel.feed.statements import others

    if config != "-":
        return read_draft(Path(config), others())
    return read_text(sys.stdin.read(), "<stdin>", others())


def _check_key(form: str, key: str | None) -> None:
    """UsageError where ids are to be printed and the data has no column of them."""
    if form == "filenames" and key is None:
        raise click.UsageError(
            "the data has no column sample_id, file_name or id; "
            "name one with --id, or give --format"
        )


def _select(
    con: duckdb.DuckDBPyConnection,
    compiled: Compiled,
    options: dict[str, Any],
    form: str,
    *,
    quiet: bool,
) -> Result:
    """Run the selection, with a line of progress on a terminal, and store its tags."""
    from sqlsel.api import run_compiled
    from sqlsel.jobs.run_record import store_run

    report, remove = progress_line(quiet=quiet)
    try:
        result = run_compiled(con, compiled, memory_limit=options["memory_limit"], progress=report)
    finally:
        remove()
    if form == "filenames":
        check_names(result.arrow(), compiled.key)  # before a tag is written
    tags = store_run(
        compiled, result.arrow, result.facts[-1], options["tag"], append=options["append"]
    )
    if tags and not quiet:
        click.echo(f"kept as tag {', '.join(map(repr, tags))}", err=True)
    return result


def _run_options(options: dict[str, Any]) -> Any:
    """The options of the run; with --append the samples of the tag count as selected already."""
    if options["append"] and options["tag"] in (None, "@"):
        raise click.UsageError("--append needs --tag NAME")
    run_options = pop_options(options)
    return replace(run_options, append_to=options["tag"]) if options["append"] else run_options


def _exit_code(facts: Facts, *, strict: bool) -> int:
    """The exit code: 3, with a message, where fewer were selected than asked under --strict, else 0."""
    if not strict or facts.n_asked is None or facts.n_selected >= facts.n_asked:
        return 0
    click.echo(
        f"Error: {facts.n_selected} of {facts.n_asked} selected: {facts.why_fewer}", err=True
    )
    return 3
