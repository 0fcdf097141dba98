"""Reads typed fields of a configuration and collects what is wrong, each with the path of its key."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeGuard

from sqlsel.errors import suggestion

LARGEST_INTEGER = 2**63 - 1
SNAKE_ONLY = ("stopping_condition_minimum_distance",)  # so spelt in every version of Lightly


def describe(value: object) -> str:
    """``value`` as a person would write it in JSON, with its kind where that may be the fault."""
    if isinstance(value, str):
        quoted = json.dumps(value, ensure_ascii=False)
        return (quoted if len(quoted) <= 42 else f'{quoted[:40]}…"') + " (text)"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None or isinstance(value, bool | float):
        return json.dumps(value)
    if isinstance(value, int):
        return str(value) if abs(value) <= LARGEST_INTEGER else "an integer of more than 64 bits"
    text = repr(value)
    return text if len(text) <= 42 else f"{text[:40]}…"


def camel(name: str) -> str:
    """A name in camelCase, as Lightly sends it: ``n_samples`` is ``nSamples``."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether ``value`` is a finite int or float; not for bool, nor for an int beyond float's range."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def is_integer(value: object) -> TypeGuard[int]:
    """Whether ``value`` is an int; not for bool."""
    return isinstance(value, int) and not isinstance(value, bool)


@dataclass
class Problems:
    """The messages of problems so far, and remarks, which do not make a configuration invalid."""

    messages: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add(self, place: str, message: str) -> None:
        self.messages.append(f"{place}: {message}" if place else message)

    def remark(self, place: str, message: str) -> None:
        self.remarks.append(f"{place}: {message}" if place else message)


@dataclass(frozen=True)
class Fields:
    """One object of the configuration and its path; a wrong value is noted and read as if not set.

    null counts as not set, as in dumps of Lightly's own models. ``written``: the spelling of each key,
    which may be in camelCase.
    """

    place: str
    values: Mapping[str, object]
    problems: Problems
    written: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        place: str,
        value: object,
        problems: Problems,
        expected: str = "an object",
        names: Iterable[str] = (),
    ) -> Fields | None:
        """The fields of ``value``; None, with a note, if it is no object. ``names`` are read in camelCase too."""
        if not isinstance(value, Mapping):
            problems.add(place, f"must be {expected}, got {describe(value)}")
            return None
        fields = cls(place, {}, problems)
        wires = {camel(name): name for name in names if name not in SNAKE_ONLY}
        values, written = dict[str, object](), dict[str, str]()
        for key, below in value.items():
            if not isinstance(key, str):
                fields.problem(f"a key must be a text, got {describe(key)}")
            elif (name := wires.get(key, key)) in values:
                fields.problem(f"{name!r} and {camel(name)!r} are the same key")
            else:
                values[name], written[name] = below, key
        return cls(place, values, problems, written)

    def below(self, key: str) -> str:
        written = self.written.get(key, key)
        return f"{self.place}.{written}" if self.place else written

    def with_values(self, **more: object) -> Fields:
        """A copy with further or other values."""
        return replace(self, values={**self.values, **more})

    def has(self, key: str) -> bool:
        return self.values.get(key) is not None

    def problem(self, message: str, key: str = "") -> None:
        self.problems.add(self.below(key) if key else self.place, message)

    def choice(self, key: str, words: Collection[str]) -> str | None:
        """The value of a required key, one of ``words``; None, with a note, for anything else."""
        value = self.values.get(key)
        listed = f"one of {', '.join(words)}" if len(words) > 1 else next(iter(words))
        if value is None:
            self.problem(f"needs {key!r}: {listed}")
        elif not isinstance(value, str):
            self.problem(f"must be {listed}, got {describe(value)}", key)
        elif value in words:
            return value
        else:
            guess = suggestion(value, words)
            self.problem(
                f"unknown {key} {clipped(value)}" + (f".{guess}" if guess else f": {listed}"), key
            )
        return None

    def text(
        self, key: str, example: str = "", pattern: tuple[re.Pattern[str], str] | None = None
    ) -> str | None:
        """A text that is not empty; required where an ``example`` is given.

        ``pattern``: what it must match, and the message where it does not.
        """
        value = self.values.get(key)
        if value is None or value == "":
            if example:
                self.problem(f"needs {key!r}, e.g. {example!r}")
            elif value is not None:
                self.problem("must not be empty", key)
        elif not isinstance(value, str):
            self.problem(f"must be a text, got {describe(value)}", key)
        elif pattern and not pattern[0].fullmatch(value):
            self.problem(f"{clipped(value)} {pattern[1]}", key)
        elif fault := sql_fault(value):
            self.problem(fault, key)
        else:
            return value
        return None

    def finite(self, key: str) -> float | None:
        """A finite number, or None if not given."""
        value = self.values.get(key)
        if value is None:
            return None
        if is_number(value):
            return value
        self.problem(f"must be a finite number, got {describe(value)}", key)
        return None

    def at_least(self, key: str, least: float) -> float | None:
        """A finite number that is not below ``least``, or None if not given."""
        value = self.finite(key)
        if value is not None and value < least:
            self.problem(f"must be at least {least:g}, got {describe(value)}", key)
            return None
        return value

    def integer(self, key: str, least: int) -> int | None:
        """An integer that is not below ``least``, or None if not given."""
        value = self.values.get(key)
        if value is None:
            return None
        if not is_integer(value):
            kind = " (float)" if isinstance(value, float) else ""
            self.problem(
                f"must be an integer of at least {least}, got {describe(value)}{kind}", key
            )
        elif value < least:
            self.problem(f"must be at least {least}, got {describe(value)}", key)
        elif value > LARGEST_INTEGER:
            self.problem(f"must be an integer of at most 64 bits, got {describe(value)}", key)
        else:
            return value
        return None

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, bool):
            self.problem(f"must be true or false, got {describe(value)}", key)
        return value if isinstance(value, bool) else default

    def listed(self, key: str, expected: str) -> list[object] | None:
        """The list of a required key; None, with a note, if it is empty, missing or no list."""
        value = self.values.get(key)
        if value is None:
            self.problem(f"needs {key!r}: {expected}")
        elif not isinstance(value, list | tuple):
            self.problem(f"must be {expected}, got {describe(value)}", key)
        elif not value:
            self.problem(f"must be {expected}, got an empty list", key)
        else:
            return list(value)
        return None

    def strength(self) -> float:
        """The exponent of a strategy, 1 if not given."""
        value = self.finite("strength")
        if value is None:
            return 1.0
        if abs(value) > 1e9:
            self.problem(f"must lie between -1e9 and 1e9, got {describe(value)}", "strength")
            return 1.0
        return float(value)


def clipped(text: str) -> str:
    """A text in quotes, cut where it is long."""
    return repr(text if len(text) <= 80 else f"{text[:80]}…")


def sql_fault(text: str) -> str:
    """Why ``text`` cannot be a name or value in SQL; an empty text if it can."""
    if "\0" in text:
        return "may not hold a NUL character"
    if any("\ud800" <= char <= "\udfff" for char in text):
        return "may not hold half of a surrogate pair"
    return ""
