"""Options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import click

from sqlsel.errors import ConfigError, InvalidInput

Command = TypeVar("Command", bound=Callable[..., Any])


def data_options(command: Command) -> Command:
    """--data, --db, --id, --embedding, --dataset, --preselected, --seed, -n, --proportion, --on-invalid."""
    for option in reversed(
        [
            click.option(
                "--data",
                metavar="PATH|GLOB|TABLE",
                help="Parquet, CSV, JSON, NDJSON, Arrow, a folder of images; with --db a dataset or table.",
            ),
            click.option(
                "--db",
                envvar="SQLSEL_DB",
                metavar="FILE",
                help="A DuckDB database or catalogue.",
            ),
            click.option(
                "--id",
                "id_column",
                metavar="COLUMN",
                help="Column of the sample id [sample_id, file_name or id].",
            ),
            click.option(
                "--embedding", metavar="COLUMN", help="Column or model of the vectors [embedding]."
            ),
            click.option(
                "--dataset",
                "datasets",
                multiple=True,
                metavar="NAME=FILE|DIR",
                help="A query set for SIMILARITY.",
            ),
            click.option(
                "--preselected",
                metavar="COLUMN|FILE|TAG",
                help="What is selected already: a boolean column, a tag, a file of ids.",
            ),
            click.option("--pool", metavar="TAG", help="Select among the samples of this tag."),
            click.option("--seed", type=int, help="Seed of RANDOM [0]."),
            click.option(
                "-n", "--n-samples", type=click.IntRange(min=1), help="Pick so many instead."
            ),
            click.option("--proportion", type=float, help="Pick this share of the input instead."),
        ]
    ):
        command = option(command)
    return on_invalid(command)


def on_invalid(command: Command) -> Command:
    """--on-invalid, which the messages of bad data then name."""

    @functools.wraps(command)
    def told(*given: Any, **options: Any) -> Any:
        try:
            return command(*given, **options)
        except InvalidInput as error:
            text = str(error).replace("set on_invalid to 'skip'", "give --on-invalid skip")
            raise InvalidInput(text) from error

    option = click.option(
        "--on-invalid",
        type=click.Choice(("error", "skip")),
        default="error",
        help="Pass over vectors and numbers that are NaN, infinite or zero vectors [error].",
    )
    return cast("Command", option(told))


def as_options(told: dict[str, Any]) -> Any:
    """The shared options as the front end takes them, removed from ``told``."""
    from sqlsel.jobs.compiler import Options

    datasets = {}
    for given in told.pop("datasets"):
        name, equals, file = given.partition("=")
        if not (name and equals and file):
            raise click.BadParameter(f"{given!r} is not NAME=FILE", param_hint="--dataset")
        datasets[name] = file
    proportion = told.pop("proportion")
    if proportion is not None and not 0 < proportion <= 1:
        raise ConfigError(
            f"--proportion must be a number above 0 and at most 1, got {proportion:g}"
        )
    return Options(
        id=told.pop("id_column"),
        embedding=told.pop("embedding"),
        datasets=datasets,
        preselected=told.pop("preselected"),
        pool=told.pop("pool"),
        seed=told.pop("seed"),
        on_invalid=told.pop("on_invalid"),
        n=told.pop("n_samples"),
        proportion=proportion,
    )


def manners(command: Command) -> Command:
    """-q, -v and --debug."""
    for option in (
        click.option("--debug", is_flag=True, expose_value=False, help="Show tracebacks."),
        click.option("-v", "--verbose", is_flag=True, help="Print the SQL on stderr."),
        click.option("-q", "--quiet", is_flag=True, help="Print nothing on stderr but errors."),
    ):
        command = option(command)
    return command
