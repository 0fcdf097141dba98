"""Computes measures, vectors, predictions and crops for the images of a dataset, and stores them."""

from __future__ import annotations

from importlib.util import find_spec

from sqlsel.errors import SqlselError

_EXTRAS = {"images": ("PIL",), "onnx": ("PIL", "onnxruntime")}


def needs(extra: str) -> None:
    """SqlselError with the command that installs an extra, where one of its packages is missing."""
    missing = [package for package in _EXTRAS[extra] if find_spec(package) is None]
    if missing:
        named = {"PIL": "pillow"}.get(missing[0], missing[0])
        raise SqlselError(f"this needs {named}: pip install 'sqlsel[{extra}]'")
