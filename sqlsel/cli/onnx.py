"""``sqlsel embed`` and ``sqlsel predict``: the user's own ONNX models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from sqlsel.cli.computing import (
    destination_of,
    destination_options,
    progress_keyword,
    working_connection,
    write_results,
)
from sqlsel.cli.options import verbosity_options
from sqlsel.errors import ConfigError

Command = TypeVar("Command", bound=Callable[..., Any])


def model_options(command: Command) -> Command:
    """Decorator: adds --model, --settings, and the options that override single settings."""
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
    """The click options that say how images are prepared and what a model's outputs mean."""
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


def model_of(options: dict[str, Any], *, tensor_of: str = "output") -> Any:
    """The opened model by the values of ``model_options``, which are removed from ``options``.

    ``tensor_of``: what --tensor names, the tensor of the "output" (vectors) or of the "predictions".
    """
    from sqlsel.images.models.open_model import open_model
    from sqlsel.images.models.settings import find_settings, with_overrides

    path = options.pop("model")
    named = ("tensor", "size", "mean", "std", "bgr", "batch", "classes")
    with_ = ", ".join(f"--{name}" for name in named if options[name] is not None)
    tensor = options.pop("tensor")
    settings = find_settings(path, options.pop("settings"))
    if tensor_of == "predictions" and settings.output is not None:
        settings = replace(settings, embedding=None)  # the model need not have what is not computed
    if tensor_of == "output" and settings.embedding is not None:
        settings = replace(settings, output=None)
    settings = with_overrides(
        settings,
        output=tensor if tensor_of == "output" else None,
        predictions=tensor if tensor_of == "predictions" else None,
        size=options.pop("size"),
        mean=_numbers("--mean", options.pop("mean")),
        std=_numbers("--std", options.pop("std")),
        bgr=options.pop("bgr"),
        batch=options.pop("batch"),
        classes=options.pop("classes"),
    )
    if with_:  # messages name the source of the settings: the fault may be in one of these options
        settings = replace(settings, source=f"{settings.source} with {with_}")
    return open_model(path, settings)


def _numbers(option: str, text: str | None) -> list[float] | None:
    """``"0.5,0.5,0.5"`` as numbers; ConfigError that names the option for anything else."""
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
@destination_options
@verbosity_options
def embed_command(
    images: Path, embedding: str, threads: int | None, name: str | None, **options: Any
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

    destination = destination_of(options)
    if destination.wants_rows and destination.form not in ("parquet", "arrow"):
        raise ConfigError(
            "vectors go into a catalogue, --db FILE, or into -o FILE.parquet or .arrow"
        )
    embedder = Embedder(model_of(options))
    with working_connection(destination) as con:
        folder = open_folder(con, images, name)
        with progress_keyword(destination) as progress:
            summary = embed_folder(
                folder, embedder, embedding, replace=options["force"], threads=threads, **progress
            )
        table = folder.dataset.table(f"embeddings_{embedding}")
        text = f"SELECT sample_id, embedding FROM {table} ORDER BY encode(sample_id) ASC"
        write_results(destination, folder.imported, summary, lambda: con.sql(text).to_arrow_table())


@click.command("predict")
@click.argument("images", type=click.Path(path_type=Path))
@model_options
@click.option("--task", required=True, metavar="NAME", help="The task that the predictions are.")
@destination_options
@verbosity_options
def predict_command(
    images: Path, task: str, threads: int | None, name: str | None, **options: Any
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

    destination = destination_of(options)
    predictor = Predictor(model_of(options, tensor_of="predictions"), task)
    with working_connection(destination) as con:
        folder = open_folder(con, images, name)
        with progress_keyword(destination) as progress:
            summary = predict_folder(
                folder, predictor, replace=options["force"], threads=threads, **progress
            )
        write_results(
            destination, folder.imported, summary, lambda: rows_of_task(folder.dataset, task)
        )
