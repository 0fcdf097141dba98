"""``sqlsel embed`` and ``sqlsel predict``: the user's own ONNX models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from sqlsel.cli.computing import finish, opened, place_of, place_options, watched
from sqlsel.cli.options import manners
from sqlsel.errors import ConfigError

Command = TypeVar("Command", bound=Callable[..., Any])


def model_options(command: Command) -> Command:
    """The options --model, --settings, and those that override settings."""
    for option in reversed(
        [
            click.option(
                "--model",
                required=True,
                metavar="FILE.onnx",
                type=click.Path(path_type=Path),
                help="The model.",
            ),
            *settings_options(),
        ]
    ):
        command = option(command)
    return command


def settings_options() -> list[Any]:
    """Options of preprocessing, and of the meaning of a model's outputs."""
    return [
        click.option(
            "--settings",
            metavar="NAME|FILE",
            help="A TOML file, or torchvision, squeezenet, fastestdet, yolox, ultraface "
            "[FILE.toml beside the model].",
        ),
        click.option("--tensor", metavar="NAME", help="The model's output to take."),
        click.option("--size", type=click.IntRange(min=1), help="Width and height of its images."),
        click.option(
            "--mean", metavar="A,B,C", help="Subtracted from the channels, in their order."
        ),
        click.option("--std", metavar="A,B,C", help="The channels are divided by it."),
        click.option("--bgr/--rgb", default=None, help="Order of the channels."),
        click.option("--batch", type=click.IntRange(min=1), help="Images per run of the model."),
        click.option(
            "--classes",
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="Names of the classes, one per line.",
        ),
    ]


def model_of(told: dict[str, Any], *, tensor_of: str = "output") -> Any:
    """The model by the options of ``model_options``, removed from ``told``.

    ``tensor_of``: what --tensor names, the tensor of the "output" or of the "predictions".
    """
    from sqlsel.images.models.open_model import open_model
    from sqlsel.images.models.settings import find_settings, replaced

    path = told.pop("model")
    named = ("tensor", "size", "mean", "std", "bgr", "batch", "classes")
    with_ = ", ".join(f"--{name}" for name in named if told[name] is not None)
    tensor = told.pop("tensor")
    found = find_settings(path, told.pop("settings"))
    if tensor_of == "predictions" and found.output is not None:
        found = replace(found, embedding=None)  # what is not asked for need not fit
    if tensor_of == "output" and found.embedding is not None:
        found = replace(found, output=None)
    settings = replaced(
        found,
        output=tensor if tensor_of == "output" else None,
        predictions=tensor if tensor_of == "predictions" else None,
        size=told.pop("size"),
        mean=_numbers("--mean", told.pop("mean")),
        std=_numbers("--std", told.pop("std")),
        bgr=told.pop("bgr"),
        batch=told.pop("batch"),
        classes=told.pop("classes"),
    )
    if with_:  # so that a fault is not looked for in the file alone
        settings = replace(settings, source=f"{settings.source} with {with_}")
    return open_model(path, settings)


def _numbers(option: str, text: str | None) -> list[float] | None:
    if text is None:
        return None
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise ConfigError(f"{option}: must be numbers with commas between, got {text!r}") from None


@click.command("embed")
@click.argument("images", type=click.Path(path_type=Path))
@model_options
@click.option(
    "--embedding", default="default", metavar="NAME", help="Its name in the dataset [default]."
)
@place_options
@manners
def embed_command(
    images: Path, embedding: str, threads: int | None, name: str | None, **told: Any
) -> None:
    """Vectors of the images below the folder IMAGES, by an ONNX model of your own.

    A TOML file says how the model wants its images. The vectors go into --db, or are rows
    (sample_id, embedding). A second run computes new and changed images only; what an interrupted
    run has done is kept. Needs the extra: pip install 'sqlsel[onnx]'

    Example: sqlsel embed photos --model resnet50.onnx --settings torchvision --db catalog.duckdb
    """
    from sqlsel.images.work import needs

    needs("onnx")
    from sqlsel.images.work.embed_work import Embedder, embed_folder
    from sqlsel.images.work.image_folder import open_folder

    place = place_of(told)
    if place.wants_rows and place.form not in ("parquet", "arrow"):
        raise ConfigError(
            "vectors go into a catalogue, --db FILE, or into -o FILE.parquet or .arrow"
        )
    embedder = Embedder(model_of(told))
    with opened(place) as con:
        folder = open_folder(con, images, name)
        with watched(place) as watching:
            pace = embed_folder(
                folder, embedder, embedding, replace=told["force"], threads=threads, **watching
            )
        table = folder.dataset.table(f"embeddings_{embedding}")
        text = f"SELECT sample_id, embedding FROM {table} ORDER BY encode(sample_id) ASC"
        finish(place, folder.done, pace, lambda: con.sql(text).to_arrow_table())


@click.command("predict")
@click.argument("images", type=click.Path(path_type=Path))
@model_options
@click.option("--task", required=True, metavar="NAME", help="The task that the predictions are.")
@place_options
@manners
def predict_command(
    images: Path, task: str, threads: int | None, name: str | None, **told: Any
) -> None:
    """Predictions of the images below the folder IMAGES, by an ONNX classifier or detector of your own.

    They become a task of the dataset in --db, with probabilities and scores, or rows, one per
    object. The task lightly_pretagging keeps Lightly's seven classes of the street. A second run
    predicts new and changed images only; what an interrupted run has done is kept. Needs the extra:
    pip install 'sqlsel[onnx]'

    Example: sqlsel predict photos --model FastestDet.onnx --settings fastestdet --task objects --db c.duckdb
    """
    from sqlsel.images.work import needs

    needs("onnx")
    from sqlsel.images.work.image_folder import open_folder
    from sqlsel.images.work.predicting import Predictor, predict_folder, rows_of_task

    place = place_of(told)
    predictor = Predictor(model_of(told, tensor_of="predictions"), task)
    with opened(place) as con:
        folder = open_folder(con, images, name)
        with watched(place) as watching:
            pace = predict_folder(
                folder, predictor, replace=told["force"], threads=threads, **watching
            )
        finish(place, folder.done, pace, lambda: rows_of_task(folder.dataset, task))
