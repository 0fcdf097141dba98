"""Reads a settings file (TOML); all faults are raised together."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sqlsel.errors import ConfigError, unknown
from sqlsel.images.models.parts import Embedding, Input, Output, Settings, readers
from sqlsel.images.models.settings_fields import Reader, WrongValue, file_text

_LARGEST = 2**20
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
_DEFAULTS: dict[str, dict[str, Any]] = {  # that are others than those of ``Output``
    "classification": {"activation": "softmax"},
    "fastestdet": {"min_score": 0.25},
    "yolox": {"min_score": 0.1},
    "boxes": {"min_score": 0.5},
}


def read_settings(path: Path) -> Settings:
    """The settings in a TOML file; ConfigError with all that is wrong in it."""
    source, content = str(path), _content(path)
    problems: list[str] = []
    tables = {
        name: _Table(f"{source}: {name}", _section(source, content, name, problems), problems)
        for name in ("input", "embedding", "output")
    }
    problems += [
        f"{source}: {name}: {unknown('table', name, tables)}"
        for name in sorted(set(content) - set(tables))
    ]
    input_settings = _input(tables["input"])
    embedding = _embedding(tables["embedding"]) if "embedding" in content else None
    output: Embedding | Output | None = None
    if "output" in content:
        output = _output(tables["output"], path.parent)
    if isinstance(output, Embedding):
        if embedding is not None:
            problems.append(f"{source}: output.kind: [embedding] describes the embedding already")
        embedding, output = output, None
    if not problems and embedding is None and output is None:
        problems.append(f"{source}: needs a table [embedding], a table [output], or both")
    if problems:
        raise ConfigError(*problems)
    return Settings(source, input_settings, embedding, output)


def _content(path: Path) -> dict[str, Any]:
    """The TOML file as a dict; ConfigError where it cannot be read."""
    try:
        return tomllib.loads(file_text(path, _LARGEST, "too large to be settings of a model"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from error
    except WrongValue as fault:
        raise ConfigError(str(fault)) from fault


def _section(
    source: str, content: dict[str, Any], name: str, problems: list[str]
) -> dict[str, Any]:
    """A table of the file; an empty one, with a problem noted, where the value is no table."""
    section = content.get(name, {})
    if isinstance(section, dict):
        return section
    problems.append(f"{source}: {name}: must be a table, [{name}]")
    return {}


@dataclass
class _Table:
    """One table of the file, without the keys taken so far.

    ``where`` begins each problem, ``m.toml: input`` for example.
    """

    where: str
    values: dict[str, Any]
    problems: list[str]

    def take(self, key: str, read: Reader[Any], default: Any, *, needed: bool = False) -> Any:
        """The value of ``key`` as ``read`` converts it; ``default`` where it is missing or wrong."""
        if key not in self.values:
            self.problems += [f"{self.where}.{key}: is missing"] if needed else []
            return default
        try:
            return read(self.values.pop(key))
        except WrongValue as fault:
            self.problems.append(f"{self.where}.{key}: {fault}")
            return default

    def read(
        self,
        part: type,
        keys: Sequence[str],
        *,
        needed: Sequence[str] = (),
        what: str = "key",
        **defaults: Any,
    ) -> dict[str, Any]:
        """The fields of the dataclass ``part`` among ``keys``; any other key is a problem.

        ``needed``: keys that must be there; ``defaults`` replace the dataclass's own.
        """
        values = {
            field.name: self.take(
                field.name,
                readers(part)[field.name],
                defaults.get(field.name, field.default),
                needed=field.name in needed,
            )
            for field in fields(part)
            if field.name in keys
        }
        self.problems += [
            f"{self.where}.{key}: {unknown(what, key, keys)}" for key in sorted(self.values)
        ]
        return values


def _input(table: _Table) -> Input:
    """The table [input], checked."""
    settings = Input(**table.read(Input, [field.name for field in fields(Input)]))
    where, problems = f"{table.where}.short", table.problems
    if settings.short is not None and settings.resize != "crop":
        problems.append(f'{where}: goes with resize = "crop" only')
    elif (
        settings.short is not None
        and settings.size is not None
        and settings.short < max(settings.size)
    ):
        problems.append(
            f"{where}: must be at least {max(settings.size)}, the longer side of size, got {settings.short}"
        )
    return settings


def _embedding(table: _Table) -> Embedding:
    """The table [embedding], checked; also an [output] of kind "embedding"."""
    return Embedding(**table.read(Embedding, ("tensor", "pool")))


def _output(table: _Table, folder: Path) -> Embedding | Output | None:
    """The table [output], checked; None where its kind is not known."""
    kind = table.take("kind", readers(Output)["kind"], "", needed=True)
    if kind == "embedding":
        return _embedding(table)
    if not kind:
        return None
    if isinstance(names := table.values.get("classes"), str) and names:
        table.values["classes"] = str(folder / names)
    needed = ("boxes", "scores") if kind == "boxes" else ()
    what = f"key of kind {kind!r},"
    defaults = {"kind": kind, **_DEFAULTS[kind]}
    return Output(**table.read(Output, _KEYS[kind], needed=needed, what=what, **defaults))
