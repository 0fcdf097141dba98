"""Finds the settings of a model: those beside it, those in a named file, or ready ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict, Unpack

from sqlsel.errors import ConfigError, unknown
from sqlsel.images.models import settings_fields
from sqlsel.images.models.class_names import classes as classes_of
from sqlsel.images.models.parts import Embedding, Input, Output, Settings
from sqlsel.images.models.settings_fields import Wrong
from sqlsel.images.models.settings_file import BATCH, MEAN, STD, read_settings

__all__ = (
    "READY",
    "Embedding",
    "Input",
    "Output",
    "Settings",
    "find_settings",
    "read_settings",
    "replaced",
    "settings_of",
)

_FOLDER = Path(__file__).with_name("ready")
READY: tuple[str, ...] = tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def find_settings(model: Path, given: str | None) -> Settings:
    """The settings that ``given`` names, a ready one or a file; else those in the file beside the model."""
    ready = ", ".join(READY)
    if given is None:
        beside = model.with_suffix(".toml")
        if not beside.is_file():
            raise ConfigError(
                f"{model}: its settings would stand in {beside}, which does not exist. Write it, "
                f"or name settings with --settings: a TOML file, or one of {ready}"
            )
        return read_settings(beside)
    if given in READY:
        return read_settings(_FOLDER / f"{given}.toml")
    path = Path(given)
    if path.suffix != ".toml" and not path.is_file():
        raise ConfigError(f"--settings: {unknown('settings', given, READY)} Or name a .toml file")
    return read_settings(path)


def settings_of(told: dict[str, Any]) -> Settings:
    """Settings that went through JSON as ``dataclasses.asdict`` gives them."""
    return Settings(
        told["source"],
        Input(**_tuples(told["input"])),
        told["embedding"] and Embedding(**told["embedding"]),
        told["output"] and Output(**_tuples(told["output"])),
    )


def _tuples(told: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in told.items()}


class Overrides(TypedDict, total=False):
    """What ``replaced`` takes."""

    size: int | tuple[int, int] | None
    bgr: bool | None
    mean: float | Sequence[float] | None
    std: float | Sequence[float] | None
    batch: int | None
    output: str | None
    predictions: str | None
    classes: Path | Sequence[str] | None


def replaced(settings: Settings, **overrides: Unpack[Overrides]) -> Settings:
    """The settings with what the command line says otherwise; None leaves a value as it is.

    ``size``: the short side before the crop keeps its proportion to it. ``bgr``: each colour keeps
    its mean and deviation, unless these are given too; given ones are in the order of the channels.
    ``output``: the tensor of the embedding; ``predictions``: that of the predictions. ``classes``:
    their names, or a file with one per line.
    A ConfigError names the option that cannot be used.
    """
    for option, change in _CHANGES.items():
        value = overrides.get(option)
        if value is not None:
            try:
                settings = change(settings, value)
            except Wrong as fault:
                raise ConfigError(f"--{_OPTIONS.get(option, option)}: {fault}") from fault
    return settings


def _sized(settings: Settings, value: object) -> Settings:
    given, size = settings.input, settings_fields.size(value)
    short = None
    if given.short is not None and given.size is not None:
        short = round(given.short * max(size) / max(given.size))
    return replace(settings, input=replace(given, size=size, short=short))


def _ordered(settings: Settings, value: object) -> Settings:
    given, channels = settings.input, "BGR" if value else "RGB"
    if channels == given.channels:
        return settings
    (r, g, b), (dr, dg, db) = given.mean, given.std
    turned = replace(given, channels=channels, mean=(b, g, r), std=(db, dg, dr))
    return replace(settings, input=turned)


def _centred(settings: Settings, value: object) -> Settings:
    return replace(settings, input=replace(settings.input, mean=MEAN(value)))


def _scaled(settings: Settings, value: object) -> Settings:
    return replace(settings, input=replace(settings.input, std=STD(value)))


def _batched(settings: Settings, value: object) -> Settings:
    return replace(settings, input=replace(settings.input, batch=BATCH(value)))


def _embedded(settings: Settings, value: object) -> Settings:
    embedding = settings.embedding or Embedding()
    return replace(settings, embedding=replace(embedding, tensor=settings_fields.text(value)))


def _predicted(settings: Settings, value: object) -> Settings:
    output = _described(settings)
    if output.kind == "boxes":
        raise Wrong(f"boxes have two outputs, which {settings.source} names as boxes and scores")
    return replace(settings, output=replace(output, tensor=settings_fields.text(value)))


def _named(settings: Settings, value: object) -> Settings:
    names = value if isinstance(value, list | tuple) else str(value)
    read = classes_of(Path())
    return replace(settings, output=replace(_described(settings), classes=read(names)))


def _described(settings: Settings) -> Output:
    if settings.output is None:
        raise Wrong(f"{settings.source} has no table [output] that says what is predicted")
    return settings.output


_CHANGES: dict[str, Callable[[Settings, object], Settings]] = {  # in the order in which they apply
    "size": _sized,
    "bgr": _ordered,
    "mean": _centred,
    "std": _scaled,
    "batch": _batched,
    "output": _embedded,
    "predictions": _predicted,
    "classes": _named,
}
_OPTIONS = {"output": "tensor", "predictions": "tensor"}  # where the command line has another word
