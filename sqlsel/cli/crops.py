"""``sqlsel crops``: the objects of a task as a dataset of their own."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import click

from sqlsel.cli.computing import Place, check_some, opened, watched
from sqlsel.cli.onnx import model_of, settings_options
from sqlsel.cli.options import manners
from sqlsel.errors import ConfigError


def _settings(command: Any) -> Any:
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
@manners
def crops_command(task: str, *, quiet: bool, **told: Any) -> None:
    """Cut the objects of TASK out of their images: a dataset with pictures, vectors and metadata.

    The crops are samples of their own (parent_id is their image), and the objects of the task get
    the same vectors and `lightly`, for selections with object_level. A second run makes the crops
    of new and changed images only. Needs pip install 'sqlsel[images]', with --model 'sqlsel[onnx]'

    Example: sqlsel crops objects --db catalog.duckdb --images photos -o crops --padding 0.1
    """
    from sqlsel.catalog import connect
    from sqlsel.images.work import needs

    needs("onnx" if told["model"] else "images")
    from sqlsel.images.work.crop_work import Crops, make_crops

    if not told["model"]:
        _check_no_settings(told)
    model = model_of(told) if told["model"] else None
    if model is not None:
        model.embed([])  # an error where it gives no vectors
    place = Place(told["db"], None, "table", quiet)
    wanted = Crops(task, told["images"], told["output"], told["name"], told["padding"], model)
    with closing(connect(told["db"])):  # a catalogue that is not there is not made
        pass
    with opened(place) as con, watched(place) as watching:
        done, pace = make_crops(
            con, wanted, told["data"], replace=told["force"], threads=told["threads"], **watching
        )
        text = f"SELECT count(*) FROM {done.dataset.table('samples')}"
        count = con.execute(text).fetchall()[0][0]
    click.echo(f"{done.dataset.name}: {count:,} objects")
    for line in () if quiet else [*done.report.lines(every=told["verbose"]), str(pace)]:
        click.echo(line, err=True)
    check_some(pace)


def _check_no_settings(told: dict[str, Any]) -> None:
    """ConfigError for settings of a model that is not named."""
    for name in ("settings", "tensor", "size", "mean", "std", "bgr", "batch", "classes"):
        if told[name] is not None:
            raise ConfigError(f"--{name} is of a model; name it with --model")
