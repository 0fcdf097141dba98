"""What a strategy takes in a clause. Which strategies there are is handed in: this room knows none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Signature:
    """What one strategy takes: ``second`` needs no name as second argument.

    ``required``: options that must be there; ``example``: a value for them. ``label``: of its result column.
    ``condition``: it takes one condition instead of an input, and only says who is a candidate.
    """

    options: tuple[str, ...]
    input: bool = True
    second: str | None = None
    required: tuple[str, ...] = ()
    example: str = ""
    label: str = ""
    condition: bool = False
    purpose: str = ""  # what it prefers, in a sentence


Signatures = Mapping[str, Signature]  # by the name in capitals
CLAUSE_OPTIONS = ("key", "preselected", "by", "seed", "on_invalid", "n_counts")
