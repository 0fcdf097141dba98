"""Turns objects of Lightly's client, pydantic models, NumPy values and enumerations into dicts and lists."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from sqlsel.config.reader import DEEPEST
from sqlsel.errors import ConfigError


def plain(value: object, depth: int = 0) -> object:
    """``value`` with all objects converted to dicts, lists and scalars, at any depth.

    Called are ``to_dict(by_alias=…)`` (Lightly's client), ``model_dump()`` and ``dict()`` (pydantic)
    and ``tolist()`` (NumPy); enumerations give their value. An object without any of these is unchanged.
    """
    if depth > DEEPEST:
        raise ConfigError(f"the configuration is nested deeper than {DEEPEST} levels")
    if isinstance(value, Enum):
        return plain(value.value, depth + 1)
    if value is None or isinstance(value, bool):
        return value
    for kind in (int, float, str):  # NumPy's float is one too, but is not written like one
        if isinstance(value, kind):
            return value if type(value) is kind else kind(value)
    if isinstance(value, Mapping):
        return {_key(key): plain(below, depth + 1) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [plain(below, depth + 1) for below in value]
    dumped = _dumped(value)
    return value if dumped is value else plain(dumped, depth + 1)


def _key(key: object) -> object:
    return key.value if isinstance(key, Enum) else key


def _dumped(value: object) -> object:
    """The object's own dict, list or scalar, by the first of these methods; the object itself if it has none."""
    if isinstance(value, type):
        return value
    if callable(to_dict := getattr(value, "to_dict", None)):
        try:
            return to_dict(by_alias=False)
        except TypeError:  # a to_dict of another kind
            return to_dict()
    for name in ("model_dump", "dict", "tolist"):
        if callable(dump := getattr(value, name, None)):
            return dump()
    return value
