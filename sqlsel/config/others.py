"""Strategies beyond Lightly's: callers pass in which exist, and each checks its own options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlsel.config.option_schema import Schema
from sqlsel.config.problems import Fields
from sqlsel.config.vocabulary import ACCEPTED, check_keys


@dataclass(frozen=True)
class Declared:
    """A strategy's kind of input, and the JSON Schema of each of its options.

    ``check`` gives the message for wrong options, or an empty text. ``required``: the options without a default.
    ``unit_distance``: whether its distances are between unit vectors.
    """

    takes: str  # vectors, numbers, classes or nothing
    options: Mapping[str, Schema]
    check: Callable[[Mapping[str, object]], str]
    required: tuple[str, ...] = ()
    unit_distance: bool = False

    def accepted(self) -> tuple[str, ...]:
        """The inputs of a configuration that it can use."""
        like = {"vectors": "DIVERSITY", "numbers": "WEIGHTS", "classes": "BALANCE"}
        return ACCEPTED[like[self.takes]] if self.takes in like else ("RANDOM",)


Others = Mapping[str, Declared]  # by type
NO_OTHERS: Others = {}


@dataclass(frozen=True)
class Other:
    """Such a strategy in a configuration; options are named as in SQL."""

    type: str
    takes: str
    options: Mapping[str, object] = field(default_factory=dict)


def read_other(fields: Fields, kind: str, declared: Declared) -> Other | None:
    """The strategy that ``fields`` describe, or None if a problem was noted."""
    unit_distance = declared.unit_distance
    check_keys(fields, ("type", *declared.options), kind, unit_distance=unit_distance)
    options = {
        name: value
        for name, value in fields.values.items()
        if name in declared.options and value is not None
    }
    if fault := declared.check(options):
        fields.problem(fault)
        return None
    return Other(kind, declared.takes, options)
