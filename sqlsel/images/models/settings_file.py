"""Reads a settings file; all errors are raised together."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from sqlsel.errors import ConfigError, unknown
from sqlsel.images.models import parts, settings_fields
from sqlsel.images.models.class_names import classes as classes_of
from sqlsel.images.models.parts import Embedding, Input, Output, Settings
from sqlsel.images.models.settings_fields import Fields, Reader

T = TypeVar("T")

_LARGEST = 2**20
_WIDEST = 1e6
_DETECTOR = ("min_score", "overlap", "classes")
_KEYS = {
    "embedding": ("kind", "tensor", "pool"),
    "classification": ("kind", "tensor", "activation", "min_score", "classes"),
    "fastestdet": ("kind", "tensor", *_DETECTOR),
    "yolox": ("kind", "tensor", *_DETECTOR),
    "boxes": (
        *("kind", "boxes", "scores", "format", "units", "activation", "background"),
        *("probabilities", *_DETECTOR),
    ),
}
_MIN_SCORES = {"classification": 0.0, "fastestdet": 0.25, "yolox": 0.1, "boxes": 0.5}


def read_settings(path: Path) -> Settings:
    """The settings in a TOML file; a ConfigError lists everything that is wrong with it."""
    source, table = str(path), _table(path)
    problems: list[str] = []
    tables = {
        name: Fields(f"{source}: {name}", _section(source, table, name, problems), problems)
        for name in ("input", "embedding", "output")
    }
    problems += [
        f"{source}: {name}: {unknown('table', name, tables)}"
        for name in sorted(set(table) - set(tables))
    ]
    given = _input(tables["input"])
    embedding = _embedding(tables["embedding"]) if "embedding" in table else None
    output: Embedding | Output | None = None
    if "output" in table:
        output = _output(tables["output"], path.parent)
    if isinstance(output, Embedding):
        if embedding is not None:
            problems.append(f"{source}: output.kind: [embedding] describes the embedding already")
        embedding, output = output, None
    if not problems and embedding is None and output is None:
        problems.append(f"{source}: needs a table [embedding], a table [output], or both")
    if problems:
        raise ConfigError(*problems)
    return Settings(source, given, embedding, output)


def _table(path: Path) -> dict[str, object]:
    try:
        if path.stat().st_size > _LARGEST:
            raise ConfigError(f"{path}: is too large to be settings of a model")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not text in UTF-8") from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error


def _section(
    source: str, table: dict[str, object], name: str, problems: list[str]
) -> dict[str, object]:
    found = table.get(name, {})
    if isinstance(found, dict):
        return found
    problems.append(f"{source}: {name}: must be a table, [{name}]")
    return {}


_SCALE = settings_fields.number(0, _WIDEST, above=True)
MEAN = settings_fields.triple(-_WIDEST, _WIDEST)
STD = settings_fields.triple(0, _WIDEST, above=True)
BATCH = settings_fields.integer(1, 1024)
_SHARE = settings_fields.number(0, 1)


def _input(table: Fields) -> Input:
    plain = Input()
    size = table.take("size", _optional(settings_fields.size), None)
    resize = table.take(
        "resize", settings_fields.one_of("way to resize", parts.RESIZES), plain.resize
    )
    given = Input(
        size,
        resize,
        table.take("short", _optional(settings_fields.integer(1, 8192)), None),
        table.take("rounding", settings_fields.one_of("rounding", parts.ROUNDINGS), plain.rounding),
        table.take("value", settings_fields.integer(0, 255), plain.value),
        table.take(
            "interpolation",
            settings_fields.one_of("interpolation", parts.INTERPOLATIONS),
            plain.interpolation,
        ),
        table.take(
            "channels", settings_fields.one_of("order of channels", parts.CHANNELS), plain.channels
        ),
        table.take("scale", _SCALE, plain.scale),
        table.take("mean", MEAN, plain.mean),
        table.take("std", STD, plain.std),
        table.take("layout", settings_fields.one_of("layout", parts.LAYOUTS), plain.layout),
        table.take("name", _optional(settings_fields.text), None),
        table.take("batch", BATCH, plain.batch),
    )
    table.finish(tuple(Input.__dataclass_fields__))
    if given.short is not None and resize != "crop":
        table.problems.append(f'{table.where}.short: goes with resize = "crop" only')
    elif given.short is not None and size is not None and given.short < max(size):
        table.problems.append(
            f"{table.where}.short: must be at least {max(size)}, the longer side of size, "
            f"got {given.short}"
        )
    return given


def _embedding(table: Fields) -> Embedding:
    found = Embedding(
        table.take("tensor", _optional(settings_fields.text), None),
        table.take("pool", settings_fields.one_of("pool", parts.POOLS), "mean"),
    )
    table.finish(("tensor", "pool"))
    return found


def _output(table: Fields, folder: Path) -> Embedding | Output | None:
    kind = table.need("kind", settings_fields.one_of("kind", tuple(_KEYS)), "")
    if kind == "embedding":
        return _embedding(table)
    if not kind:
        return None
    takes = _KEYS[kind]
    plain = Output(kind, activation="softmax" if kind == "classification" else "none")

    def take(key: str, read: Reader[T], default: T) -> T:
        return table.take(key, read, default) if key in takes else default

    needed = table.need if kind == "boxes" else take
    found = Output(
        kind,
        take("tensor", _optional(settings_fields.text), None),
        needed("boxes", settings_fields.text, plain.boxes),
        needed("scores", settings_fields.text, plain.scores),
        take(
            "activation", settings_fields.one_of("activation", parts.ACTIVATIONS), plain.activation
        ),
        take("min_score", _SHARE, _MIN_SCORES[kind]),
        take("overlap", _SHARE, plain.overlap),
        take("classes", classes_of(folder), ()),
        take("format", settings_fields.one_of("format", parts.FORMATS), plain.format),
        take("units", settings_fields.one_of("unit", parts.UNITS), plain.units),
        take("background", _optional(settings_fields.integer(0, 1_000_000)), None),
        take(
            "probabilities",
            settings_fields.one_of("kind", parts.PROBABILITIES),
            plain.probabilities,
        ),
    )
    table.finish(takes, f"key of kind {kind!r},")
    return found


def _optional(read: Reader[T]) -> Reader[T | None]:
    return read
