"""``sqlsel scores``: the active-learning scores of a task."""

from __future__ import annotations

import sys
from contextlib import closing

import click

from sqlsel.cli.options import verbosity_options
from sqlsel.cli.output import check_target, choose_format, output_options, write
from sqlsel.errors import CatalogError, unknown


@click.command("scores")
@click.argument("task")
@click.option("--db", envvar="SQLSEL_DB", required=True, metavar="FILE", help="The catalogue.")
@click.option("--data", metavar="DATASET", help="The dataset [the only one].")
@click.option("--score", "scores", multiple=True, metavar="NAME", help="Only this one [all].")
@output_options
@verbosity_options
def scores_command(
    task: str,
    db: str,
    data: str | None,
    scores: tuple[str, ...],
    form: str | None,
    output: str | None,
    *,
    force: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """The scores of TASK: sample_id and one column per score, by sample_id.

    Example: sqlsel scores objects --db catalog.duckdb --score uncertainty_entropy
    """
    from sqlsel.catalog import connect, open_dataset
    from sqlsel.sqltext.quoting import identifier

    chosen = choose_format(form, output, "table" if sys.stdout.isatty() else "csv")
    check_target(output, force=force)
    with closing(connect(db)) as con:
        dataset = open_dataset(con, data)
        tasks = dataset.tasks()
        if task not in tasks:
            raise CatalogError(unknown("task", task, tasks))
        table = dataset.table(f"predictions_{task}")
        score_columns = con.sql(f"FROM {table} LIMIT 0").columns[3:]
        for name in scores:
            if name not in score_columns:
                raise CatalogError(f"task {task!r}: {unknown('score', name, score_columns)}")
        columns = ", ".join(identifier(name) for name in (scores or score_columns))
        text = f"SELECT sample_id, {columns} FROM {table} ORDER BY encode(sample_id) ASC"
        rows = con.sql(text).to_arrow_table()
        counts = con.execute(
            "SELECT coalesce(sum(len(objects)), 0), count(*) FILTER (len(objects) = 0), "
            f"count(*) FILTER (objects IS NULL) FROM {table}"
        ).fetchall()[0]
    write(rows, chosen, output, "sample_id", force=force)
    if not quiet:
        more = f", {counts[2]:,} whose objects are not known" if counts[2] else ""
        click.echo(f"{counts[0]:,} objects; {counts[1]:,} samples without{more}", err=True)
