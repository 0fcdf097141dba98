"""Reads Lightly's ``metadata/schema.json``: paths of metadata keys with their types and defaults."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlsel.config.problems import is_number
from sqlsel.errors import ConfigError, suggestion
from sqlsel.readers import json_checks
from sqlsel.readers.paths import Below
from sqlsel.readers.strict import Fault, load

Step = str | int

RESERVED = "lightly"
_FARTHEST = 999  # the largest index of a path: shorter lists are filled up to it
_DEEPEST = 32  # steps of a path
_STEP = re.compile(r"([^.\[\]]+)((?:\[[0-9]{1,9}\])*)")


def _is_int(value: object) -> bool:
    """Whether the value is a whole number (1.0 too) that fits into 64 bits."""
    return is_number(value) and float(value).is_integer() and abs(value) < 2**63


@dataclass(frozen=True)
class _Kind:
    """A type of values: in words for messages, as a test, and as a conversion."""

    words: str
    fits: Callable[[object], bool]
    convert: Callable[[Any], object]


_NUMBER = _Kind("a number", is_number, float)
_INTEGER = _Kind("an integer", _is_int, int)
_TEXT = _Kind("a text", lambda value: isinstance(value, str), str)
KINDS = {
    "NUMERIC_INT": _INTEGER,
    "NUMERIC_FLOAT": _NUMBER,
    "CATEGORICAL_INT": _INTEGER,
    "CATEGORICAL_STRING": _TEXT,
    "CATEGORICAL_BOOLEAN": _Kind("true or false", lambda value: isinstance(value, bool), bool),
    "CATEGORICAL_DATETIME": _TEXT,
    "CATEGORICAL_TIMESTAMP": _Kind(
        "a text or an integer", lambda value: isinstance(value, str) or _is_int(value), lambda v: v
    ),
    "OTHER_STRING": _TEXT,
}


@dataclass(frozen=True)
class MetadataField:
    """One entry of the schema: title, path (``a[0].b``), type and default."""

    name: str
    path: str
    type: str
    default: object = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """The keys and indices of the path: ``a[0].b`` is ``('a', 0, 'b')``; a Fault for a malformed path."""
        steps: list[Step] = []
        for part in self.path.split("."):
            step = _STEP.fullmatch(part)
            if not step:
                raise Fault(
                    f"path {self.path!r} must be keys between dots, as in 'a.b' or 'a[0].b'"
                )
            steps.append(step[1])
            steps += [int(number) for number in re.findall("[0-9]+", step[2])]
        return tuple(steps)


def read_schema(lightly: Path) -> list[MetadataField]:
    """The fields of ``metadata/schema.json``, none where there is no such file; ConfigError where it is not valid."""
    folder = lightly / "metadata"
    if not (folder / "schema.json").exists():
        return []
    try:
        listed = json_checks.sequence(load(Below(folder).path("schema.json")), "the whole file")
        return _check_unique([_field(entry, f"[{index}]") for index, entry in enumerate(listed)])
    except Fault as fault:
        raise ConfigError(f"{folder / 'schema.json'}: {fault}") from fault


def _check_unique(fields: list[MetadataField]) -> list[MetadataField]:
    """The fields; a Fault where two have the same path."""
    paths = [field.path for field in fields]
    for path in paths:
        if paths.count(path) > 1:
            raise Fault(f"path {path!r} appears {paths.count(path)} times")
    return fields


def _field(value: object, place: str) -> MetadataField:
    """An entry of the schema as a field; a Fault where a key is missing or has a wrong value."""
    entry = json_checks.mapping(value, place)
    path = json_checks.text(json_checks.member(entry, "path", place), f"{place}.path")
    kind = json_checks.text(
        json_checks.member(entry, "valueDataType", place), f"{place}.valueDataType"
    )
    if kind not in KINDS:
        kinds = ", ".join(KINDS)
        hint = suggestion(kind, KINDS)
        raise Fault(f"{place}.valueDataType: must be one of {kinds}, got {kind!r}.{hint}")
    default = entry.get("defaultValue")
    if default is not None and not KINDS[kind].fits(default):
        json_checks.refuse(f"{place}.defaultValue", f"{KINDS[kind].words} ({kind})", default)
    name = json_checks.text(entry.get("name", path), f"{place}.name")
    field = MetadataField(name, path, kind, default)
    _check_path(field, place)
    return field


def _check_path(field: MetadataField, place: str) -> None:
    """A Fault for reserved keys, and for depths and indices that would make huge columns."""
    steps = field.steps
    if steps[0] == RESERVED:
        raise Fault(f"{place}.path: keys lightly.* are reserved for what is computed from images")
    if len(steps) > _DEEPEST or any(isinstance(step, int) and step > _FARTHEST for step in steps):
        raise Fault(f"{place}.path: {field.path!r} leads too deep")


def check(tree: dict[str, Any], fields: list[MetadataField]) -> None:
    """A Fault where a value of the metadata is not of its field's type."""
    for field in fields:
        with_value(tree, field, (field.path,) if field.path in tree else field.steps)


def with_value(
    tree: dict[str, Any], field: MetadataField, steps: tuple[Step, ...]
) -> dict[str, Any]:
    """A copy of the metadata with the field's value converted to its type, or its default where it is missing."""
    return dict(_set(tree, field, steps, "metadata"))


def _set(value: Any, field: MetadataField, steps: tuple[Step, ...], path: str) -> Any:
    """The value with the one at the end of ``steps`` converted; missing objects and lists on the way are created."""
    if not steps:
        return _converted(field.default if value is None else value, field, path)
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        items = list(json_checks.sequence([] if value is None else value, path))
        items += [None] * (step + 1 - len(items))
        items[step] = _set(items[step], field, rest, f"{path}[{step}]")
        return items
    copy = dict(json_checks.mapping({} if value is None else value, path))
    copy[step] = _set(copy.get(step), field, rest, f"{path}.{step}")
    return copy


def _converted(value: object, field: MetadataField, path: str) -> object:
    """The value as its type stores it; None stays None; a Fault for a value of another type."""
    kind = KINDS[field.type]
    if value is None:
        return None
    if not kind.fits(value):
        json_checks.refuse(path, f"{kind.words} ({field.type})", value)
    return kind.convert(value)
