"""What is to be reached: one class per strategy of a configuration, and how each is read."""

from __future__ import annotations

from dataclasses import dataclass

from sqlsel.config.problems import Fields, number, shown, unfit
from sqlsel.config.vocabulary import LATER_STRATEGIES, STRATEGIES, check_keys

OPERATIONS = {"SMALLER": "<", "SMALLER_EQUAL": "<=", "BIGGER": ">", "BIGGER_EQUAL": ">="}
DISTRIBUTIONS = ("TARGET", "UNIFORM", "INPUT")


@dataclass(frozen=True)
class Diversity:
    """Samples far from each other; none nearer to an earlier one than the minimum distance."""

    stopping_condition_minimum_distance: float | None = None
    strength: float = 1.0
    type = "DIVERSITY"


@dataclass(frozen=True)
class Weights:
    """Samples of high value."""

    strength: float = 1.0
    type = "WEIGHTS"


@dataclass(frozen=True)
class Threshold:
    """Only samples whose value is smaller or bigger than the threshold."""

    threshold: float
    operation: str
    type = "THRESHOLD"


@dataclass(frozen=True)
class Balance:
    """Samples whose classes have the wanted shares; ``target`` is for the distribution TARGET."""

    target: tuple[tuple[str, float], ...] = ()
    distribution: str = "TARGET"
    strength: float = 1.0
    type = "BALANCE"


@dataclass(frozen=True)
class Similarity:
    """Samples near to those of a query set."""

    strength: float = 1.0
    type = "SIMILARITY"


Strategy = Diversity | Weights | Threshold | Balance | Similarity


def read_strategy(fields: Fields) -> Strategy | None:
    """The strategy that ``fields`` describe, or None if a problem was noted that leaves it open."""
    if fields.values.get("type") == "DIVERSIFY":
        fields.problems.remark(
            fields.below("type"), "'DIVERSIFY' is the spelling of 2022; read as 'DIVERSITY'"
        )
        fields = Fields(fields.place, {**fields.values, "type": "DIVERSITY"}, fields.problems)
    kind = fields.choice("type", STRATEGIES, later=LATER_STRATEGIES)
    if kind is None:
        return None
    check_keys(fields, ("type", *STRATEGIES[kind]), kind, STRATEGIES)
    match kind:
        case "DIVERSITY":
            return Diversity(_distance(fields), fields.strength())
        case "WEIGHTS":
            return Weights(fields.strength())
        case "THRESHOLD":
            return _threshold(fields)
        case "BALANCE":
            return _balance(fields)
    return Similarity(fields.strength())


def _distance(fields: Fields) -> float | None:
    key = "stopping_condition_minimum_distance"
    value = fields.finite(key)
    if value is not None and value < 0:
        fields.problem(f"must be at least 0, got {shown(value)}", key)
    return None if value is None else float(value)


def _threshold(fields: Fields) -> Threshold | None:
    if not fields.given("threshold"):
        fields.problem("needs 'threshold': a number")
    threshold = fields.finite("threshold")
    operation = fields.choice("operation", OPERATIONS)
    return None if threshold is None or operation is None else Threshold(threshold, operation)


def _balance(fields: Fields) -> Balance | None:
    distribution = (
        fields.choice("distribution", DISTRIBUTIONS) if fields.given("distribution") else "TARGET"
    )
    strength = fields.strength()
    if distribution is None:
        return None
    if distribution != "TARGET":
        if fields.given("target"):
            fields.problem(f"'target' has no effect with distribution {distribution}")
        return Balance((), distribution, strength)
    if not fields.given("target"):
        fields.problem("needs 'target', or 'distribution': UNIFORM or INPUT")
        return None
    target = Fields.of(
        fields.below("target"),
        fields.values["target"],
        fields.problems,
        "an object of class: share",
    )
    return None if target is None else Balance(_shares(target), distribution, strength)


def _shares(target: Fields) -> tuple[tuple[str, float], ...]:
    """Classes and their shares in the order written, without those that are noted as problems."""
    shares = []
    for name, share in target.values.items():
        if fault := unfit(name):
            target.problem(f"a class {fault}")
        elif not number(share) or not isinstance(share, int | float) or share < 0:
            target.problem(f"target of {name!r} must be a number of at least 0, got {shown(share)}")
        else:
            shares.append((name, float(share)))
    if not target.values:
        target.problem("needs at least one class")
    elif len(shares) == len(target.values) and not any(share for _, share in shares):
        target.problem("needs at least one class with a share above 0")
    return tuple(shares)
