"""Entries in LightlyStudio's form (one object with a ``strategy_name``) as entries in Lightly's."""

from __future__ import annotations

from sqlsel.config.entries import Entry
from sqlsel.config.entry_inputs import Embeddings, Input, Metadata, Predictions
from sqlsel.config.problems import Fields, Problems, describe
from sqlsel.config.strategies import (
    Balance,
    Diversity,
    Similarity,
    Strategy,
    Weights,
    minimum_distance,
    read_shares,
)
from sqlsel.config.vocabulary import STUDIO, check_keys, names

_TARGET = "an object of class: share, or 'uniform' or 'input'"
_DISTANCE = "stopping_condition_minimum_distance"


def read_studio_entry(problems: Problems, place: str, data: object) -> Entry | None:
    """The entry that LightlyStudio's object at ``place`` means, or None if a problem was noted."""
    fields = Fields.of(
        place, data, problems, "an object with 'strategy_name'", (*names(STUDIO), "strategy_name")
    )
    kind = fields.choice("strategy_name", STUDIO) if fields else None
    if fields is None or kind is None:
        return None
    check_keys(fields, ("strategy_name", *STUDIO[kind]), kind, STUDIO)
    source, strategy = _input(fields, kind), _strategy(fields, kind)
    if source is None or strategy is None:
        return None
    return Entry(source, strategy, place, studio=True)


def _input(fields: Fields, kind: str) -> Input | None:
    match kind:
        case "weights" | "metadata_balance":
            key = fields.text("metadata_key", "temperature")
            return Metadata(key) if key else None
        case "balance":
            return Predictions(fields.text("annotation_source_id"), "LABEL_COUNT")
        case "similarity":
            tag = fields.text("query_tag_name", "good examples")
            return Embeddings(tag_name=tag, model=_model(fields)) if tag else None
        case "subpart_diversity":
            task = fields.text("annotation_source_id")
            return Embeddings(task=task, model=_model(fields), objects=True)
    return Embeddings(model=_model(fields))


def _strategy(fields: Fields, kind: str) -> Strategy | None:
    strength = fields.strength()
    match kind:
        case "weights":
            return Weights(strength=strength)
        case "similarity":
            return Similarity(strength=strength)
        case "balance" | "metadata_balance":
            return _balance(fields, strength)
        case "deduplication":
            if not fields.has(_DISTANCE):
                fields.problem(f"needs {_DISTANCE!r}: a number of at least 0")
            return Diversity(minimum_distance(fields), strength)
    return Diversity(strength=strength)


def _balance(fields: Fields, strength: float) -> Balance | None:
    target = fields.values.get("target_distribution")
    if target is None:
        fields.problem(f"needs 'target_distribution': {_TARGET}")
    elif isinstance(target, str):
        if target in ("uniform", "input"):
            return Balance((), target.upper(), strength)
        fields.problem(f"must be {_TARGET}, got {describe(target)}", "target_distribution")
    elif (shares := read_shares(fields, "target_distribution", _TARGET)) is not None:
        return Balance(shares, "TARGET", strength)
    return None


def _model(fields: Fields) -> str | None:
    """The name of the vector column; None where the data has only one."""
    return fields.text("embedding_model_name")
