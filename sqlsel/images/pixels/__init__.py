"""Pixels: opens image files that may be hostile, measures images, cuts objects out of them.

Nothing here uses tables. The modules need Pillow, the extra ``images``; ``need_pillow`` checks for it.
"""

from __future__ import annotations

from importlib.util import find_spec

from sqlsel.errors import SqlselError


def need_pillow(what: str) -> None:
    """SqlselError with the command that installs Pillow, which ``what`` needs, where it is missing."""
    try:
        spec = find_spec("PIL")
    except ValueError:  # a module without a specification, or None in sys.modules
        spec = None
    if spec is None:
        raise SqlselError(f"{what}: images are read by Pillow: pip install 'sqlsel[images]'")
