"""Ignores warnings in one thread, while they are still shown in others.

``warnings.catch_warnings`` changes the filters of the whole process and restores them, which is
not safe with threads. Here one filter stays installed, and matches only in threads inside of ``quiet``.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


class _Thread(threading.local):
    """How many blocks of ``quiet`` this thread is in."""

    blocks = 0


_this_thread = _Thread()


class _WhileQuiet(type):
    """Metaclass: every warning counts as a subclass while this thread is inside of ``quiet``."""

    def __subclasscheck__(cls, kind: type) -> bool:
        return _this_thread.blocks > 0


class _AnyWarning(Warning, metaclass=_WhileQuiet):
    """The category of the filter."""


_FILTER = ("ignore", None, _AnyWarning, None, 0)


@contextmanager
def quiet() -> Iterator[None]:
    """Context: ignore all warnings of this thread, whatever the filters say."""
    if not warnings.filters or warnings.filters[0] != _FILTER:
        warnings.simplefilter("ignore", _AnyWarning)
    _this_thread.blocks += 1
    try:
        yield
    finally:
        _this_thread.blocks -= 1
