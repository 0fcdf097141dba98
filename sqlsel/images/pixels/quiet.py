"""No warnings from this thread, while other threads go on warning.

``warnings.catch_warnings`` changes the filters of the whole process and puts them back, which is
not safe with threads. Here one filter stays, and matches in threads that asked for quiet only.
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
    """Every kind of warning counts as a subclass, while this thread is to be quiet."""

    def __subclasscheck__(cls, kind: type) -> bool:
        return _this_thread.blocks > 0


class _AnyWarning(Warning, metaclass=_WhileQuiet):
    """What the filter asks for."""


_FILTER = ("ignore", None, _AnyWarning, None, 0)


@contextmanager
def quiet() -> Iterator[None]:
    """Ignore all warnings of this thread inside of the block, whatever the filters say."""
    if not warnings.filters or warnings.filters[0] != _FILTER:
        warnings.simplefilter("ignore", _AnyWarning)
    _this_thread.blocks += 1
    try:
        yield
    finally:
        _this_thread.blocks -= 1
