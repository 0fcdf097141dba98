"""Values as text, in the way DuckDB's own tests write them."""

from __future__ import annotations

import re
from collections.abc import Iterable


def row(values: Iterable[object]) -> str:
    """The values of one row, with tabs between them."""
    return "\t".join(map(value, values))


def value(thing: object) -> str:
    """One value: NULL, true, false, (empty), or what ``str`` gives, on one line."""
    if thing is None:
        return "NULL"
    if isinstance(thing, bool):
        return str(thing).lower()
    return "(empty)" if thing == "" else re.sub(r"\r?\n", r"\\n", str(thing))
