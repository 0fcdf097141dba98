"""The strategies and options that a clause may name; a test compares them with the strategies."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Signature:
    """What one strategy takes: ``second`` needs no name as second argument."""

    options: tuple[str, ...]
    input: bool = True
    second: str | None = None
    required: tuple[str, ...] = ()


SIGNATURES: dict[str, Signature] = {
    "DIVERSITY": Signature(("min_distance", "strength", "normalize", "start")),
    "DEDUPLICATE": Signature(
        ("min_distance", "normalize"), second="min_distance", required=("min_distance",)
    ),
    "WEIGHTS": Signature(("strength", "max_sum", "target_range")),
    "BALANCE": Signature(("target", "strength", "other", "classes"), second="target"),
    "SIMILARITY": Signature(
        ("query", "strength", "normalize", "approximate"), second="query", required=("query",)
    ),
    "TYPICALITY": Signature(
        ("neighbors", "strength", "min_typicality", "normalize", "approximate")
    ),
    "RANDOM": Signature(("seed", "strength"), input=False),
    "THRESHOLD": Signature(()),
}
CLAUSE_OPTIONS = ("key", "preselected", "by", "seed", "on_invalid", "n_counts")
