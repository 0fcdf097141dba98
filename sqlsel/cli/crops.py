"""``sqlsel crops``: the objects of a task as a dataset of their own."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import click

from sqlsel.cli.computing import (
    Destination,
    check_not_all_failed,
    progress_keyword,
    working_connection,
)
from sqlsel.cli.onnx import model_of, settings_options
from sqlsel.cli.options import verbosity_options
from sqlsel.errors import ConfigError


def _settings(command: Any) -> Any:
    """Decorator: adds the options of preprocessing, which go with --model."""
    for option in reversed(settings_options()):
        command = option(command)
    return command


@click.command("crops")
@click.argument("task")
@click.option("--db", envvar="SQLSEL_DB", required=True, metavar="FILE", help="The catalogue.")
@click.option(
    "--images", required=True, metavar="DIR", type=click.Path(path_type=Path), help="The images."
)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Put the pictures here, as PNG.",
)
@click.option("--data", metavar="DATASET", help="The dataset of the task [the only one].")
@click.option("--name", metavar="DATASET", help="The dataset of the crops [DATASET_TASK].")
@click.option(
    "--padding", type=float, default=0.0, help="Widen boxes: 0.1 is 10 % more width and height."
)
@click.option(
    "--model",
    metavar="FILE.onnx",
    type=click.Path(path_type=Path),
    help="Give the crops vectors by this model.",
)
@_settings
@click.option("--force", is_flag=True, help="Replace imported vectors of the objects.")
@click.option("--threads", type=click.IntRange(min=1), help="Cores to use [all].")
@verbosity_options
def crops_command(task: str, *, quiet: bool, **options: Any) -> None:
    """Cut the objects of TASK out of their images: a dataset with pictures, vectors and metadata.

    The crops are samples of their own (parent_id is their image), and the objects of the task get
    the same vectors and `lightly`, for selections with object_level. A second run makes the crops
    of new and changed images only. Needs pip install 'sqlsel[images]', with --model 'sqlsel[onnx]'

    Example: sqlsel crops objects --db catalog.duckdb --images photos -o crops --padding 0.1
    """
    from sqlsel.catalog import connect
    from sqlsel.images.work import needs

    needs("onnx" if options["model"] else "images")
    from sqlsel.images.work.crop_work import CropJob, make_crops

    if not options["model"]:
        _check_no_settings(options)
    model = model_of(options) if options["model"] else None
    if model is not None:
        model.embed([])  # an error where it gives no vectors
    destination = Destination(options["db"], None, "table", quiet)
    crops = CropJob(
        task, options["images"], options["output"], options["name"], options["padding"], model
    )
    with closing(
        connect(options["db"])
    ):  # an error where there is none: crops are of its predictions
        pass
    with working_connection(destination) as con, progress_keyword(destination) as progress:
        imported, summary = make_crops(
            con,
            crops,
            options["data"],
            replace=options["force"],
            threads=options["threads"],
            **progress,
        )
        text = f"SELECT count(*) FROM {imported.dataset.table('samples')}"
        count = con.execute(text).fetchall()[0][0]
    click.echo(f"{imported.dataset.name}: {count:,} objects")
    for line in () if quiet else [*imported.report.lines(every=options["verbose"]), str(summary)]:
        click.echo(line, err=True)
    check_not_all_failed(summary)


def _check_no_settings(options: dict[str, Any]) -> None:
    """ConfigError for an option of --model where there is no --model."""
    for name in ("settings", "tensor", "size", "mean", "std", "bgr", "batch", "classes"):
        if options[name] is not None:
            raise ConfigError(f"--{name} is of a model; name it with --model")
