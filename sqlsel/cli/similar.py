"""``sqlsel similar``: the samples nearest to a sample, to vectors of a file, or to an image."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import Any

import click

from sqlsel.cli.options import on_invalid, verbosity_options
from sqlsel.cli.output import check_target, choose_format, output_options, write


@click.command("similar")
@click.argument("query", metavar="SAMPLE|FILE")
@click.option("--db", envvar="SQLSEL_DB", required=True, metavar="FILE", help="The catalogue.")
@click.option("--data", metavar="DATASET", help="The dataset [the only one].")
@click.option("--embedding", metavar="MODEL", help="Whose vectors [the first model's].")
@click.option("-n", "count", type=click.IntRange(min=1), default=10, help="So many [10].")
@click.option(
    "--min-distance", type=float, default=0.0, metavar="D", help="Leave out what is nearer [0]."
)
@click.option(
    "--normalize/--no-normalize", default=True, help="Unit vectors [yes], or as they are."
)
@click.option(
    "--approximate/--exact",
    default=None,
    help="Through a graph or not [above 40,000,000,000 pairs of sample and query].",
)
@click.option("--model", metavar="FILE.onnx", help="Embed the image FILE with this model.")
@click.option("--settings", metavar="NAME|FILE", help="How the model sees images.")
@on_invalid
@output_options
@verbosity_options
def similar_command(
    query: str,
    db: str,
    data: str | None,
    form: str | None,
    output: str | None,
    *,
    force: bool,
    quiet: bool,
    verbose: bool,
    **options: Any,
) -> None:
    """The samples nearest to SAMPLE, or to the vectors in FILE: sample_id, distance, nearest first.

    FILE is .npy, .csv or .parquet; with --model it is an image. Of several vectors each has its
    own nearest samples, under its name.

    Example: sqlsel similar cam1/a.jpg --db catalog.duckdb -n 5
    """
    chosen = choose_format(form, output, "table" if sys.stdout.isatty() else "csv")
    check_target(output, force=force)
    result = _find(query, db, data, options)
    write(result.table, chosen, output, "sample_id", force=force)
    if not quiet:
        click.echo(result.summary, err=True)


def _find(query: str, db: str, data: str | None, options: dict[str, Any]) -> Any:
    """The ``Similar`` samples of the dataset that is named, or the only one, or the only one with this sample."""
    from sqlsel.api import connect_for
    from sqlsel.catalog import open_dataset
    from sqlsel.catalog.samples import has_sample
    from sqlsel.near import embedded_in, find_similar, queries_of

    with closing(connect_for(db)) as con:
        dataset = open_dataset(con, data, lambda one: has_sample(one, query))
        samples = embedded_in(
            dataset,
            options["embedding"],
            normalize=options["normalize"],
            on_invalid=options["on_invalid"],
        )
        queries = queries_of(
            dataset, samples, query, model=options["model"], settings=options["settings"]
        )
        return find_similar(
            samples,
            queries,
            options["count"],
            least=options["min_distance"],
            approximate=options["approximate"],
        )
