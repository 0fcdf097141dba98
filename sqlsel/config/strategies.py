"""The strategies of a configuration: one class per type, and how each is read from its fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlsel.config.others import NO_OTHERS, Other, Others, read_other
from sqlsel.config.problems import Fields, describe, is_number, sql_fault
from sqlsel.config.vocabulary import (
    DISTRIBUTIONS,
    OPERATIONS,
    STRATEGIES,
    TARGET_RANGE,
    check_keys,
)


@dataclass(frozen=True)
class Diversity:
    """Samples far from each other; none nearer to an earlier one than the minimum distance."""

    stopping_condition_minimum_distance: float | None = None
    strength: float = 1.0
    type = "DIVERSITY"
    takes = "vectors"


@dataclass(frozen=True)
class Weights:
    """Samples of high value, until their sum reaches the maximum.

    ``target_range``: the least and the largest sum that the selection should have, None for no limit.
    """

    stopping_condition_max_sum: float | None = None
    target_range: tuple[float | None, float | None] | None = None
    strength: float = 1.0
    type = "WEIGHTS"
    takes = "numbers"


@dataclass(frozen=True)
class Threshold:
    """Only samples whose value is smaller or bigger than the threshold."""

    threshold: float
    operation: str
    type = "THRESHOLD"
    takes = "numbers"


@dataclass(frozen=True)
class Balance:
    """Samples whose classes have the shares of a distribution; ``target``: those of TARGET."""

    target: tuple[tuple[str, float], ...] = ()
    distribution: str = "TARGET"
    strength: float = 1.0
    type = "BALANCE"
    takes = "classes"


@dataclass(frozen=True)
class Similarity:
    """Samples near to those of a query set, or to ``queries``, which are vectors."""

    queries: tuple[tuple[float, ...], ...] = ()
    strength: float = 1.0
    type = "SIMILARITY"
    takes = "vectors"


@dataclass(frozen=True)
class Typicality:
    """Samples with many near neighbours; none less typical than the minimum."""

    num_nearest_neighbors: int = 20
    stopping_condition_minimum_typicality: float | None = None
    strength: float = 1.0
    type = "TYPICALITY"
    takes = "vectors"


Strategy = Diversity | Weights | Threshold | Balance | Similarity | Typicality | Other


def read_strategy(fields: Fields, others: Others = NO_OTHERS) -> Strategy | None:
    """The strategy that ``fields`` describe, or None if it has a problem, which is noted."""
    if fields.values.get("type") == "DIVERSIFY":
        fields.problems.remark(
            fields.below("type"), "'DIVERSIFY' is the spelling of 2022; read as 'DIVERSITY'"
        )
        fields = fields.with_values(type="DIVERSITY")
    kind = fields.choice("type", [*STRATEGIES, *others])
    if kind is None:
        return None
    if kind in others:
        return read_other(fields, kind, others[kind])
    check_keys(fields, ("type", *STRATEGIES[kind]), kind, STRATEGIES)
    return _READERS[kind](fields)


def minimum_distance(fields: Fields) -> float | None:
    """The least distance between selected samples, or None if not set."""
    value = fields.at_least("stopping_condition_minimum_distance", 0)
    return None if value is None else float(value)


def _diversity(fields: Fields) -> Diversity:
    return Diversity(minimum_distance(fields), fields.strength())


def _weights(fields: Fields) -> Weights:
    largest = fields.at_least("stopping_condition_max_sum", 0)
    return Weights(largest, _target_range(fields), fields.strength())


def _similarity(fields: Fields) -> Similarity | None:
    queries, strength = _queries(fields), fields.strength()
    return None if fields.has("queries") and not queries else Similarity(queries, strength)


def _target_range(fields: Fields) -> tuple[float | None, float | None] | None:
    if not fields.has("target_range"):
        return None
    place, value = fields.below("target_range"), fields.values["target_range"]
    range_ = Fields.of(
        place, value, fields.problems, "an object with min_sum and max_sum", TARGET_RANGE
    )
    if range_ is None:
        return None
    check_keys(range_, TARGET_RANGE)
    least, largest = range_.at_least("min_sum", 0), range_.at_least("max_sum", 0)
    if not range_.has("min_sum") and not range_.has("max_sum"):
        range_.problem("needs 'min_sum' or 'max_sum'")
    if least is not None and largest is not None and largest < least:
        range_.problem(f"max_sum ({describe(largest)}) is below min_sum ({describe(least)})")
    return least, largest


def _typicality(fields: Fields) -> Typicality:
    neighbors = fields.integer("num_nearest_neighbors", 2)
    key = "stopping_condition_minimum_typicality"
    least = fields.finite(key)
    if least is not None and least <= 0:
        fields.problem(f"must be above 0, got {describe(least)}", key)
    return Typicality(20 if neighbors is None else neighbors, least, fields.strength())


def _queries(fields: Fields) -> tuple[tuple[float, ...], ...]:
    """Query vectors of one length; empty, with a note, if they are anything else."""
    expected = "a list of vectors of one length"
    listed = fields.listed("queries", expected) if fields.has("queries") else None
    vectors = [
        tuple(float(part) for part in vector if isinstance(part, int | float))
        for vector in listed or ()
        if isinstance(vector, list) and vector and all(map(is_number, vector))
    ]
    if listed and (len(vectors) < len(listed) or len(set(map(len, vectors))) > 1):
        fields.problem(f"must be {expected}, of finite numbers", "queries")
        return ()
    return tuple(vectors)


def _threshold(fields: Fields) -> Threshold | None:
    if not fields.has("threshold"):
        fields.problem("needs 'threshold': a number")
    threshold = fields.finite("threshold")
    operation = fields.choice("operation", OPERATIONS)
    return None if threshold is None or operation is None else Threshold(threshold, operation)


def _balance(fields: Fields) -> Balance | None:
    distribution = (
        fields.choice("distribution", DISTRIBUTIONS) if fields.has("distribution") else "TARGET"
    )
    strength = fields.strength()
    if distribution is None:
        return None
    if distribution != "TARGET":
        if fields.has("target"):
            fields.problem(f"'target' has no effect with distribution {distribution}")
        return Balance((), distribution, strength)
    if not fields.has("target"):
        fields.problem("needs 'target', or 'distribution': UNIFORM or INPUT")
        return None
    shares = read_shares(fields, "target", "an object of class: share")
    return None if shares is None else Balance(shares, distribution, strength)


def read_shares(fields: Fields, key: str, expected: str) -> tuple[tuple[str, float], ...] | None:
    """(class, share) in the order written, without wrong ones, which are noted; None if it is no object."""
    target = Fields.of(fields.below(key), fields.values.get(key), fields.problems, expected)
    if target is None:
        return None
    shares = []
    for name, share in target.values.items():
        if fault := sql_fault(name):
            target.problem(f"a class {fault}")
        elif not is_number(share) or share < 0:
            target.problem(
                f"target of {name!r} must be a number of at least 0, got {describe(share)}"
            )
        else:
            shares.append((name, float(share)))
    if not target.values:
        target.problem("needs at least one class")
    elif len(shares) == len(target.values) and not any(share for _, share in shares):
        target.problem("needs at least one class with a share above 0")
    return tuple(shares)


_READERS: Mapping[str, Callable[[Fields], Strategy | None]] = {
    "DIVERSITY": _diversity,
    "WEIGHTS": _weights,
    "THRESHOLD": _threshold,
    "BALANCE": _balance,
    "SIMILARITY": _similarity,
    "TYPICALITY": _typicality,
}
