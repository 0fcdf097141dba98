"""Options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import click

from sqlsel.errors import ConfigError, InvalidInput

Command = TypeVar("Command", bound=Callable[..., Any])


def data_options(command: Command) -> Command:
    """Decorator: adds the options of what to select from, from --data to --proportion, and --on-invalid."""
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
    """Decorator: adds --on-invalid; messages on bad data then name it instead of Python's ``on_invalid``."""

    @functools.wraps(command)
    def renamed_in_errors(*arguments: Any, **options: Any) -> Any:
        try:
            return command(*arguments, **options)
        except InvalidInput as error:
            text = str(error).replace("set on_invalid to 'skip'", "give --on-invalid skip")
            raise InvalidInput(text) from error

    option = click.option(
        "--on-invalid",
        type=click.Choice(("error", "skip")),
        default="error",
        help="Pass over vectors and numbers that are NaN, infinite or zero vectors [error].",
    )
    return cast("Command", option(renamed_in_errors))


def pop_options(options: dict[str, Any]) -> Any:
    """The values of ``data_options`` as ``Options`` of a run; they are removed from ``options``.

    --data and --db are parameters of the commands themselves. Raises BadParameter or ConfigError.
    """
    from sqlsel.jobs.compiler import Options

    datasets = {}
    for text in options.pop("datasets"):
        name, equals, file = text.partition("=")
        if not (name and equals and file):
            raise click.BadParameter(f"{text!r} is not NAME=FILE", param_hint="--dataset")
        datasets[name] = file
    proportion = options.pop("proportion")
    if proportion is not None and not 0 < proportion <= 1:
        raise ConfigError(
            f"--proportion must be a number above 0 and at most 1, got {proportion:g}"
        )
    return Options(
        id=options.pop("id_column"),
        embedding=options.pop("embedding"),
        datasets=datasets,
        preselected=options.pop("preselected"),
        pool=options.pop("pool"),
        seed=options.pop("seed"),
        on_invalid=options.pop("on_invalid"),
        n=options.pop("n_samples"),
        proportion=proportion,
    )


def verbosity_options(command: Command) -> Command:
    """Decorator: adds -q, -v and --debug. ``main`` itself looks for --debug, so it is not handed on."""
    for option in (
        click.option("--debug", is_flag=True, expose_value=False, help="Show tracebacks."),
        click.option("-v", "--verbose", is_flag=True, help="Print the SQL on stderr."),
        click.option("-q", "--quiet", is_flag=True, help="Print nothing on stderr but errors."),
    ):
        command = option(command)
    return command
