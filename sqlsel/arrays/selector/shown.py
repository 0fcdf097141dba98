"""A selector's options as a short text."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any


def options(of: Any, parameters: Mapping[str, Any]) -> str:
    """``name=value`` of each option that is not the default."""
    shown = {name: _shown(getattr(of, name)) for name in parameters}
    return ", ".join(
        f"{name}={value}"
        for name, value in shown.items()
        if value != _shown(parameters[name].default)
    )


def _shown(value: Any) -> str:
    """A short text: arrays are cut, strategies look as they are written."""
    if isinstance(value, (list, tuple)) and any(hasattr(v, "kind") for v in value):
        return f"[{', '.join(map(_shown, value))}]"
    if is_dataclass(value) and hasattr(value, "kind"):
        return f"{value.kind}({options(value, {f.name: f for f in fields(value)})})"
    return reprlib.repr(value)
