"""Computes what a dataset lacks: from pixels, and with the user's own models."""

from __future__ import annotations

from importlib.util import find_spec

from sqlsel.errors import SqlselError

_EXTRAS = {"images": ("PIL",), "onnx": ("PIL", "onnxruntime")}


def needs(extra: str) -> None:
    """A SqlselError that tells how to install what this extra brings, where it is missing."""
    missing = [package for package in _EXTRAS[extra] if find_spec(package) is None]
    if missing:
        named = {"PIL": "pillow"}.get(missing[0], missing[0])
        raise SqlselError(f"this needs {named}: pip install 'sqlsel[{extra}]'")
