"""Pixels: opening image files that may be hostile, measuring images, cutting objects out of them.

Nothing here knows tables. The modules need Pillow, the extra ``images``; ``need_pillow`` asks for it.
"""

from __future__ import annotations

from importlib.util import find_spec

from sqlsel.errors import SqlselError


def need_pillow(what: str) -> None:
    """Raise ``SqlselError`` with the remedy where Pillow, which ``what`` needs, is not installed."""
    try:
        found = find_spec("PIL")
    except ValueError:  # a module without a specification, or None in sys.modules
        found = None
    if found is None:
        raise SqlselError(f"{what}: images are read by Pillow: pip install 'sqlsel[images]'")
