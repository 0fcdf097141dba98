"""The exceptions of sqlsel, as a tree; each message says what was wrong, where, and what would be right.

SqlselError
├── ConfigError    the selection configuration is not valid (also ValueError)
├── CatalogError   a table, column, metadata key, task, dataset or tag does not exist
├── InvalidInput   the data cannot be used as asked (also ValueError)
└── Interrupted    the run was stopped by the user or by its caller (also KeyboardInterrupt)

``ClauseError`` (also ``duckdb.ParserException``) lives in ``sqlsel.clause``, since this module
imports nothing heavy.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Iterable, Sequence
from difflib import get_close_matches


class SqlselError(Exception):
    """Base of all errors that sqlsel raises on purpose; ``problems`` lists all that was wrong."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class ConfigError(SqlselError, ValueError):
    """An invalid selection configuration; ``problems`` lists all that is wrong with it."""


class CatalogError(SqlselError):
    """A table, column, metadata key, task, dataset or tag that does not exist."""


class InvalidInput(SqlselError, ValueError):
    """Data that cannot be used as asked: NaN, ragged vectors, duplicate ids, too many for memory.

    ``row``: the number of the row at fault, from 0, where ``template`` holds ``{row}``.
    ``option``: the option whose value is wrong. SQL knows which ``clause`` of the ``statement`` it stands in, and of
    which ``strategy`` it is (None: of the clause itself), both as numbers from 0.
    """

    def __init__(self, template: str, row: int | None = None, *, option: str = "") -> None:
        self.template, self.row, self.option = template, row, option
        self.statement, self.clause = "", 0
        self.strategy: int | None = None
        super().__init__(template if row is None else _filled(template, row))

    def naming_row(self, row: object) -> InvalidInput:
        """The same error with ``row`` in the place of its number: counted from 1, or with an id."""
        return InvalidInput(_filled(self.template, row), option=self.option)

    def with_caret(self, caret: str) -> InvalidInput:
        """The same error with a line and its caret below the message, which ``template`` has without them."""
        error = InvalidInput(str(self), option=self.option)
        error.problems = error.args = (f"{self}\n\n{caret}",)
        return error


def _filled(template: str, row: object) -> str:
    # The last one: the message may quote an expression of the user's that holds {row} too.
    before, _, after = template.rpartition("{row}")
    return f"{before}{row}{after}"


class Interrupted(SqlselError, KeyboardInterrupt):
    """The selection was stopped before it was complete; it has no result, and nothing was written."""


class SelectionWarning(UserWarning):
    """A selection that ran, but is probably not what was intended."""


class ShortSelection(SelectionWarning):
    """Fewer samples were selected than the budget, because no feasible candidate was left."""


def warn(text: str, category: type[SelectionWarning] = SelectionWarning) -> None:
    """Warn with the file and line of the first frame outside of sqlsel."""
    level, frame = 1, sys._getframe(0)  # noqa: SLF001 - inspect is slow to import
    while (
        frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == "sqlsel"
    ):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, category, stacklevel=level)


def suggestion(name: str, names: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` for the closest of ``names``, whatever its case; an empty text if none is close."""
    by_folded = {k.casefold(): k for k in names}
    close = get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return f" Did you mean {by_folded[close[0]]!r}?" if close else ""


def unknown(what: str, name: str, existing: Iterable[str]) -> str:
    """``unknown column 'x'. Did you mean 'y'? Known: …`` with at most twelve of the ``existing`` names."""
    names = sorted(existing)
    known = f" Known: {listing(names)}." if names else ""
    return f"unknown {what} {name!r}.{suggestion(name, names)}{known}"


def listing(names: Sequence[str]) -> str:
    """The names with commas between; of more than twelve the first twelve, and ``…``."""
    return ", ".join(names[:12]) + (", …" if len(names) > 12 else "")


def unknown_option(
    owner: str,
    name: str,
    value: object,
    known: Iterable[str],
    *,
    unit_distance: bool = False,
    assign: str = "=",
) -> str:
    """The message for an unknown option: the closest name, or the distance for a cosine, and all options.

    ``unit_distance``: whether the owner's distances are between unit vectors, as in ``cosine_hint``.
    """
    options = list(known)
    hint = cosine_hint(name, value, options, assign) if unit_distance else ""
    if hint:
        return f"{owner} has no option {name}{hint}"
    listed = ", ".join(options) or "none"
    meant = suggestion(name, options).strip().replace("'", "")
    if meant:
        return f"{owner} has no option {name}. {meant} Options: {listed}"
    return f"{owner} has no option {name}; options: {listed}"


def cosine_hint(option: str, value: object, existing: Iterable[str], assign: str = "=") -> str:
    """Advice where ``option`` of distances between unit vectors, which does not exist, means a cosine; else ''.

    ``value``: as written; ``existing``: the options that exist; ``assign``: the operator before a value.
    """
    name, options = option.lower(), set(existing)
    if "metric" in name or name == "distance":
        return (
            "; the distance is Euclidean between unit vectors, d = sqrt(2 - 2 * cosine), "
            f"and ranks as the cosine does: leave {option} out"
        )
    if "min_distance" not in options or not ("similarity" in name or "cosine" in name):
        return ""
    try:
        cosine = float(str(value))
    except ValueError:
        cosine = math.nan
    if not -1 <= cosine <= 1:
        return f"; between unit vectors a cosine is a distance: min_distance {assign} sqrt(2 - 2 * cosine)"
    distance = f"{math.sqrt(2 - 2 * cosine):.4g}"
    return f"; a cosine of {value} is a distance of {distance} between unit vectors: min_distance {assign} {distance}"
