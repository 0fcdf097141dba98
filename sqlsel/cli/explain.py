"""``sqlsel explain`` shows the plan of a configuration or a statement; ``sqlsel validate`` lists its faults."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from typing import Any

import click

from sqlsel.cli.options import data_options, pop_options, verbosity_options
from sqlsel.cli.run import check_data, read_argument


@click.command("explain")
@click.argument("config")
@data_options
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Format [text]."
)
@verbosity_options
@click.option("--sql-only", is_flag=True, help="Print the statement alone.")
def explain_command(
    config: str,
    data: str | None,
    db: str | None,
    form: str,
    *,
    sql_only: bool,
    quiet: bool,
    verbose: bool,
    **options: Any,
) -> None:
    """Show what CONFIG would do: its SQL, what reaches the scan, and the cost.

    CONFIG is a file of JSON, - for stdin, or a statement with USING STRATEGY.

    Example: sqlsel explain selection.json --data images.parquet
    """
    from sqlsel.api import connect_for, is_statement
    from sqlsel.duckdb.explained import explain_statement
    from sqlsel.jobs.compiler import compile_config

    run_options = replace(pop_options(options), quiet=quiet, checks=sql_only)
    with closing(connect_for(db)) as con:
        if is_statement(config):
            statement, hints = config, tuple[str, ...]()
        else:
            check_data(data, db)
            compiled = compile_config(
                con, read_argument(config), data, in_database=db is not None, options=run_options
            )
            statement, hints = compiled.statement, compiled.hints
        if sql_only:
            click.echo(statement)
            return
        plan = explain_statement(con, statement, hints)
        click.echo(plan.json() if form == "json" else plan.text())


@click.command("validate")
@click.argument("config", required=False)
@data_options
@click.option(
    "--schema", is_flag=True, help="Print the JSON Schema of configurations, for editors."
)
@verbosity_options
def validate_command(
    config: str | None,
    data: str | None,
    db: str | None,
    *,
    schema: bool,
    quiet: bool,
    verbose: bool,
    **options: Any,
) -> None:
    """Check CONFIG, and with --data or --db whether the data has what it needs; list every problem.

    Example: sqlsel validate selection.json --data images.parquet
    """
    from sqlsel.api import validate

    if schema:
        from sqlsel.config import schema as json_schema
        from sqlsel.feed.statements import others

        click.echo(json.dumps(json_schema(others()), indent=2))
        return
    if config is None:
        raise click.UsageError("CONFIG is missing: a file of JSON, or - for stdin")
    run_options = replace(pop_options(options), quiet=quiet)
    checked = validate(read_argument(config), data, db=db, options=run_options)
    for note in () if quiet else checked.notes:
        click.echo(f"note: {note}", err=True)
    click.echo(str(checked))
