"""``sqlsel duplicates``: groups of near-duplicates, with the one to keep."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import Any

import click

from sqlsel.cli.options import on_invalid, verbosity_options
from sqlsel.cli.output import check_target, choose_format, output_options, write
from sqlsel.errors import ConfigError


@click.command("duplicates")
@click.option("--db", envvar="SQLSEL_DB", metavar="FILE", help="The catalogue.")
@click.option(
    "--data", metavar="DATASET|FILE", help="The dataset [the only one]; without --db a file."
)
@click.option("--embedding", metavar="MODEL", help="Whose vectors [the first model's].")
@click.option("--id", "id_column", metavar="COLUMN", help="Column of the ids, of a file.")
@click.option(
    "--min-distance",
    type=float,
    metavar="D",
    help="Nearer samples are near-duplicates [0.1: a cosine above 0.995].",
)
@click.option(
    "--normalize/--no-normalize", default=True, help="Unit vectors [yes], or as they are."
)
@click.option(
    "--approximate/--exact", default=None, help="Through a graph or not [above 100,000 samples]."
)
@click.option("--keep", metavar="COLUMN", help="Keep the highest of each group, not the first id.")
@click.option("--all", "every", is_flag=True, help="The samples to keep, too.")
@click.option("--save", is_flag=True, help="Keep them as column duplicate_of of the dataset.")
@on_invalid
@output_options
@verbosity_options
def duplicates_command(
    db: str | None,
    data: str | None,
    form: str | None,
    output: str | None,
    *,
    every: bool,
    save: bool,
    force: bool,
    quiet: bool,
    verbose: bool,
    **options: Any,
) -> None:
    """Near-duplicates, group by group: sample_id, duplicate_of (the one to keep), distance.

    In the order of ids a sample is kept unless it is nearer than D to one kept before; then it is
    a duplicate of the nearest one that is kept. With --keep the order is that of a column, its
    highest value first.

    Example: sqlsel duplicates --db catalog.duckdb --min-distance 0.2
    """
    if db is None and save:
        raise ConfigError("--save keeps duplicates in a catalogue; give it with --db")
    if db is None and data is None:
        raise ConfigError("give the catalogue with --db, or a file with --data")
    chosen = choose_format(form, output, "table" if sys.stdout.isatty() else "csv")
    check_target(output, force=force)
    result = _find(db, data, options, save=save)
    write(result.table if every else result.duplicates, chosen, output, "sample_id", force=force)
    if not quiet:
        click.echo(result.summary, err=True)


def _find(db: str | None, data: str | None, options: dict[str, Any], *, save: bool) -> Any:
    """The ``NearDuplicates`` of a dataset of ``db``, or (``db`` None) of a file; with ``save`` also stored."""
    from sqlsel.api import connect_for
    from sqlsel.catalog import open_dataset, prepare
    from sqlsel.catalog.duplicate_tables import put_duplicates
    from sqlsel.near import embedded_in, find_duplicates, highest_first

    with closing(connect_for(db, write=save)) as con:
        if db is None:
            samples = _samples_of_file(con, str(data), options)
        else:
            if save:
                prepare(con)
            dataset = open_dataset(con, data)
            samples = embedded_in(
                dataset,
                options["embedding"],
                normalize=options["normalize"],
                on_invalid=options["on_invalid"],
            )
            if options["keep"] is not None:
                samples = highest_first(dataset, samples, options["keep"])
        result = find_duplicates(
            samples, options["min_distance"], approximate=options["approximate"]
        )
        if save:
            put_duplicates(dataset, result.table, samples.model)
        return result


def _samples_of_file(con: Any, data: str, options: dict[str, Any]) -> Any:
    """The vectors of a file, in the order of --keep's column, else of the ids: earlier samples are kept."""
    from sqlsel.near import embedded_in_file, highest_first_of_file

    id_column = options["id_column"]
    samples = embedded_in_file(
        con,
        data,
        id=id_column,
        embedding=options["embedding"],
        normalize=options["normalize"],
        on_invalid=options["on_invalid"],
    )
    if options["keep"] is None:
        return samples
    return highest_first_of_file(con, data, samples, options["keep"], id=id_column)
