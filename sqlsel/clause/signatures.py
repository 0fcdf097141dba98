"""The signatures of strategies in a clause. Callers pass them in: this room imports no strategy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Signature:
    """The arguments of one strategy; ``second``: the option that may be the second argument, unnamed.

    ``required``: options that must be set; ``example``: a value of them, for messages. ``label``: the name
    of its result column. ``condition``: it takes one boolean condition instead of an input, and filters.
    """

    options: tuple[str, ...]
    input: bool = True
    second: str | None = None
    required: tuple[str, ...] = ()
    example: str = ""
    label: str = ""
    condition: bool = False
    unit_distance: bool = False  # its distances are between unit vectors
    purpose: str = ""  # what it prefers, in a sentence


Signatures = Mapping[str, Signature]  # by the name in capitals
CLAUSE_OPTIONS = ("key", "preselected", "by", "seed", "on_invalid", "n_counts")
