"""``sqlsel run``: a Lightly selection configuration on your data."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sqlsel.cli.options import as_options, data_options, manners
from sqlsel.cli.output import check_names, check_target, choose_format, output_options, write
from sqlsel.cli.report import say_outcome
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
@manners
def run_command(
    config: str, data: str | None, db: str | None, *, quiet: bool, verbose: bool, **told: Any
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

    form = choose_format(told["form"], told["output"], "filenames")
    check_target(told["output"], force=told["force"])
    check_data(data, db)
    parsed = config_text(config)
    tags = tags_to_write(parsed, told["tag"])
    writes = bool(tags) and not told["dry_run"] and not parsed.problems
    with closing(connect_for(db, write=writes)) as con:
        if told["threads"] is not None:
            con.execute(f"SET threads = {int(told['threads'])}")
        compiled = compile_config(
            con,
            parsed,
            data,
            in_database=db is not None,
            options=replace(_options(told), quiet=quiet),
            check=partial(check_tag, tag=told["tag"], append=told["append"]),
        )
        _check_key(form, compiled.key)
        if told["dry_run"]:
            click.echo(explain_statement(con, compiled.statement, compiled.hints).text())
            return 0
        if verbose:
            click.echo(compiled.statement, err=True)
        found = _picked(con, compiled, told, form, quiet=quiet)
    write(found.arrow(), form, told["output"], compiled.key, force=told["force"])
    if not quiet:
        say_outcome(found.facts[-1], compiled.hints)
    return _code(found.facts[-1], strict=told["strict"])


def check_data(data: str | None, db: str | None) -> None:
    """Without a database there must be a file or a folder."""
    if data is None and db is None:
        raise click.UsageError(
            "--data is missing: the file or folder or, with --db, the dataset or table to select from"
        )


def config_text(config: str) -> Any:
    """What can be read of a file, or for - of stdin."""
    from sqlsel.config.documents import read_draft, read_text
    from sqlsel.feed.statements import others

    if config != "-":
        return read_draft(Path(config), others())
    return read_text(sys.stdin.read(), "<stdin>", others())


def _check_key(form: str, key: str | None) -> None:
    if form == "filenames" and key is None:
        raise click.UsageError(
            "the data has no column sample_id, file_name or id; "
            "name one with --id, or give --format"
        )


def _picked(
    con: duckdb.DuckDBPyConnection,
    compiled: Compiled,
    told: dict[str, Any],
    form: str,
    *,
    quiet: bool,
) -> Result:
    """Run the selection, with a line of progress on a terminal, and keep its tag."""
    from sqlsel.api import run_compiled
    from sqlsel.jobs.run_record import keep

    report, remove = progress_line(quiet=quiet)
    try:
        found = run_compiled(con, compiled, memory_limit=told["memory_limit"], progress=report)
    finally:
        remove()
    if form == "filenames":
        check_names(found.arrow(), compiled.key)  # before a tag is written
    kept = keep(compiled, found.arrow, found.facts[-1], told["tag"], append=told["append"])
    if kept and not quiet:
        click.echo(f"kept as tag {', '.join(map(repr, kept))}", err=True)
    return found


def _options(told: dict[str, Any]) -> Any:
    """The options; the samples of a tag that grows are selected already."""
    if told["append"] and told["tag"] in (None, "@"):
        raise click.UsageError("--append needs --tag NAME")
    options = as_options(told)
    return replace(options, append_to=told["tag"]) if told["append"] else options


def _code(facts: Facts, *, strict: bool) -> int:
    """3 where fewer were selected than asked and that is an error."""
    if not strict or facts.n_asked is None or facts.n_selected >= facts.n_asked:
        return 0
    click.echo(
        f"Error: {facts.n_selected} of {facts.n_asked} selected: {facts.why_fewer}", err=True
    )
    return 3
