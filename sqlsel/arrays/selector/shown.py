"""A selector's options as a short text."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any


def options(of: Any, parameters: Mapping[str, Any]) -> str:
    """``name=value`` of each option that is not the default."""
    texts = {name: _short_repr(getattr(of, name)) for name in parameters}
    return ", ".join(
        f"{name}={value}"
        for name, value in texts.items()
        if value != _short_repr(parameters[name].default)
    )


def _short_repr(value: Any) -> str:
    """A repr cut to a readable length, of strategies as the calls that make them."""
    if isinstance(value, (list, tuple)) and any(hasattr(v, "kind") for v in value):
        return f"[{', '.join(map(_short_repr, value))}]"
    if is_dataclass(value) and hasattr(value, "kind"):
        return f"{value.kind}({options(value, {f.name: f for f in fields(value)})})"
    return reprlib.repr(value)
