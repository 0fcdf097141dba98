"""Finds the settings of a model: those beside it, those in a named file, or ready ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict, Unpack

from sqlsel.errors import ConfigError, unknown
from sqlsel.images.models.parts import Embedding, Input, Output, Settings, readers
from sqlsel.images.models.settings_fields import Wrong
from sqlsel.images.models.settings_file import read_settings

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
    for option in _ORDER:
        value = overrides.get(option)
        if value is not None:
            try:
                settings = _changed(settings, option, value)
            except Wrong as fault:
                raise ConfigError(f"--{_OPTIONS.get(option, option)}: {fault}") from fault
    return settings


_ORDER = ("size", "bgr", "mean", "std", "batch", "output", "predictions", "classes")
_OPTIONS = {"output": "tensor", "predictions": "tensor"}  # where the command line has another word


def _changed(settings: Settings, option: str, value: Any) -> Settings:
    if option == "output":
        embedding = settings.embedding or Embedding()
        tensor = readers(Embedding)["tensor"](value)
        return replace(settings, embedding=replace(embedding, tensor=tensor))
    if option in ("predictions", "classes"):
        return replace(settings, output=_output(settings, option, value))
    return replace(settings, input=_input(settings.input, option, value))


def _input(old: Input, option: str, value: Any) -> Input:
    if option == "bgr":
        channels = "BGR" if value else "RGB"
        if channels == old.channels:
            return old
        return replace(old, channels=channels, mean=old.mean[::-1], std=old.std[::-1])
    new = replace(old, **{option: readers(Input)[option](value)})
    if option != "size":
        return new
    if old.short is None or old.size is None or new.size is None:
        return replace(new, short=None)
    return replace(new, short=round(old.short * max(new.size) / max(old.size)))


def _output(settings: Settings, option: str, value: Any) -> Output:
    output = settings.output
    if output is None:
        raise Wrong(f"{settings.source} has no table [output] that says what is predicted")
    if option == "classes":
        return replace(output, classes=readers(Output)["classes"](value))
    if output.kind == "boxes":
        raise Wrong(f"boxes have two outputs, which {settings.source} names as boxes and scores")
    return replace(output, tensor=readers(Output)["tensor"](value))
