"""``sqlsel run``: a Lightly selection configuration on your data."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import click

from sqlsel.cli.options import as_options, data_options, manners
from sqlsel.cli.output import check_target, choose_format, output_options, write
from sqlsel.cli.progress import progress_line
from sqlsel.cli.report import say_outcome, why_fewer


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
@click.option("--strict", is_flag=True, help="End with code 3 when fewer are selected than asked.")
@manners
def run_command(
    config: str, data: str | None, db: str | None, *, quiet: bool, verbose: bool, **told: Any
) -> int:
    """Run the selection configuration CONFIG (JSON; - is stdin) on --data.

    stdout gets the ids of the picks in pick order, or the rows with -o or --format; stderr says how far each objective was
    reached.

    Example: sqlsel run selection.json --data images.parquet -o selected.parquet
    """
    from sqlsel.api import compile_config, connect_for, run_compiled
    from sqlsel.explain import explain_statement

    output, form, force = told.pop("output"), told.pop("form"), told.pop("force")
    memory_limit, threads = told.pop("memory_limit"), told.pop("threads")
    dry_run, strict = told.pop("dry_run"), told.pop("strict")
    form = choose_format(form, output, "filenames")
    check_target(output, force=force)
    if data is None:
        raise click.UsageError(
            "--data is missing: the file or, with --db, the table to select from"
        )
    report, remove = progress_line(quiet=quiet)
    with closing(connect_for(db)) as con:
        if threads is not None:
            con.execute(f"SET threads = {int(threads)}")
        compiled = compile_config(con, config_text(config), data, db=db, options=as_options(told))
        if form == "filenames" and compiled.key is None:
            raise click.UsageError(
                "the data has no column sample_id, file_name or id; name one with --id, or give --format"
            )
        if dry_run:
            click.echo(explain_statement(con, compiled.statement, compiled.hints).text())
            return 0
        if verbose:
            click.echo(compiled.statement, err=True)
        try:
            found = run_compiled(con, compiled, memory_limit=memory_limit, progress=report)
        finally:
            remove()
    write(found.arrow(), form, output, compiled.key)
    facts = found.facts[-1]
    if not quiet:
        say_outcome(facts, compiled.hints)
    if strict and facts.n_asked is not None and facts.n_selected < facts.n_asked:
        click.echo(
            f"Error: {facts.n_selected} of {facts.n_asked} selected: {why_fewer(facts)}", err=True
        )
        return 3
    return 0


def config_text(config: str) -> Any:
    """A file's name as it is; for - the text of stdin, parsed."""
    if config != "-":
        from pathlib import Path

        return Path(config)
    from sqlsel.config import loads

    return loads(click.get_text_stream("stdin").read(), "<stdin>")
