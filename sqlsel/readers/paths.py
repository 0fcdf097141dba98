"""Paths of files below a folder; those that lead out of it are refused."""

from __future__ import annotations

import os
from pathlib import Path

from sqlsel.readers.strict import Fault


def check_relative(name: str) -> None:
    """A Fault unless ``name`` is a path below a folder, written with ``/`` and without dots."""
    if not name:
        raise Fault("the name is empty")
    if name.startswith("/"):
        raise Fault(f"{name!r} is an absolute path; it must be relative to the folder")
    if "\0" in name or any(part in ("", ".", "..") for part in name.split("/")):
        raise Fault(f"{name!r} must be a path below the folder, without . or ..")


class Below:
    """Resolves paths below one folder; refuses links that lead out of it."""

    def __init__(self, folder: Path | str) -> None:
        self._root = os.path.realpath(folder)
        self._parents: dict[str, str] = {}

    def path(self, relative: str) -> str:
        """The absolute path of ``relative``; a Fault where it would lie outside."""
        check_relative(relative)
        parent, _, name = relative.rpartition("/")
        if parent not in self._parents:
            self._parents[parent] = os.path.realpath(f"{self._root}/{parent}")
        if not self.holds(self._parents[parent]):
            raise Fault("leads out of the folder")
        place = f"{self._parents[parent]}/{name}"
        if os.path.islink(place) and not self.holds(os.path.realpath(place)):  # noqa: PTH114 - 100,000 times
            raise Fault("is a link that leads out of the folder")
        return place

    def holds(self, real: str) -> bool:
        """Whether a path without links lies in the folder."""
        return real == self._root or real.startswith(f"{self._root.rstrip('/')}/")
