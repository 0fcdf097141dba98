"""Finds the settings of a model (in the file beside it, a named file, or built in) and overrides single ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict, Unpack

from sqlsel.errors import ConfigError, unknown
from sqlsel.images.models.parts import Embedding, Input, Output, Settings, readers
from sqlsel.images.models.settings_fields import WrongValue
from sqlsel.images.models.settings_file import read_settings

_FOLDER = Path(__file__).with_name("ready")
READY: tuple[str, ...] = tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def find_settings(model: Path, name: str | None) -> Settings:
    """The settings called ``name`` (built in, or a file); without a name those in the file beside the model.

    ConfigError where there are none or they are not valid.
    """
    ready = ", ".join(READY)
    if name is None:
        beside = model.with_suffix(".toml")
        if not beside.is_file():
            raise ConfigError(
                f"{model}: its settings would stand in {beside}, which does not exist. Write it, "
                f"or name settings with --settings: a TOML file, or one of {ready}"
            )
        return read_settings(beside)
    if name in READY:
        return read_settings(_FOLDER / f"{name}.toml")
    path = Path(name)
    if path.suffix != ".toml" and not path.is_file():
        raise ConfigError(f"--settings: {unknown('settings', name, READY)} Or name a .toml file")
    return read_settings(path)


def settings_from_message(message: dict[str, Any]) -> Settings:
    """The settings from plain JSON, as ``dataclasses.asdict`` gives them, in another process."""
    return Settings(
        message["source"],
        Input(**_tuples(message["input"])),
        message["embedding"] and Embedding(**message["embedding"]),
        message["output"] and Output(**_tuples(message["output"])),
    )


def _tuples(table: dict[str, Any]) -> dict[str, Any]:
    """A table with tuples in place of lists, which JSON makes of them."""
    return {key: tuple(v) if isinstance(v, list) else v for key, v in table.items()}


class Overrides(TypedDict, total=False):
    """The keyword arguments of ``with_overrides``."""

    size: int | tuple[int, int] | None
    bgr: bool | None
    mean: float | Sequence[float] | None
    std: float | Sequence[float] | None
    batch: int | None
    output: str | None
    predictions: str | None
    classes: Path | Sequence[str] | None


def with_overrides(settings: Settings, **overrides: Unpack[Overrides]) -> Settings:
    """The settings with the values of the command line's options; None leaves a value as it is.

    ``size``: the short side before the crop keeps its proportion to it. ``bgr``: each colour keeps
    its mean and deviation, unless these are overridden, too; those are in the order of the channels.
    ``output``: the tensor of the embedding; ``predictions``: that of the predictions. ``classes``:
    their names, or a file with one per line.
    ConfigError names the option that cannot be used.
    """
    for option in _ORDER:
        value = overrides.get(option)
        if value is not None:
            try:
                settings = _with_option(settings, option, value)
            except WrongValue as fault:
                raise ConfigError(f"--{_OPTIONS.get(option, option)}: {fault}") from fault
    return settings


_ORDER = ("size", "bgr", "mean", "std", "batch", "output", "predictions", "classes")
_OPTIONS = {"output": "tensor", "predictions": "tensor"}  # where the command line has another word


def _with_option(settings: Settings, option: str, value: Any) -> Settings:
    """The settings with one option changed; WrongValue for a value that cannot be used."""
    if option == "output":
        embedding = settings.embedding or Embedding()
        tensor = readers(Embedding)["tensor"](value)
        return replace(settings, embedding=replace(embedding, tensor=tensor))
    if option in ("predictions", "classes"):
        return replace(settings, output=_output_with(settings, option, value))
    return replace(settings, input=_input_with(settings.input, option, value))


def _input_with(old: Input, option: str, value: Any) -> Input:
    """The table [input] with one option changed; channels take mean and deviation with them, size takes ``short``."""
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


def _output_with(settings: Settings, option: str, value: Any) -> Output:
    """The table [output] with its tensor or classes changed; WrongValue where there is none."""
    output = settings.output
    if output is None:
        raise WrongValue(f"{settings.source} has no table [output] that says what is predicted")
    if option == "classes":
        return replace(output, classes=readers(Output)["classes"](value))
    if output.kind == "boxes":
        raise WrongValue(
            f"boxes have two outputs, which {settings.source} names as boxes and scores"
        )
    return replace(output, tensor=readers(Output)["tensor"](value))
