"""Advice on a valid configuration, printed on stderr: settings that are allowed but rarely meant."""

from __future__ import annotations

from collections.abc import Sequence

from sqlsel.config.entries import Entry
from sqlsel.config.entry_inputs import Embeddings, Scores
from sqlsel.config.selection_config import SelectionConfig
from sqlsel.config.strategies import Balance, Diversity, Threshold
from sqlsel.config.task_columns import ALIASES


def hints(config: SelectionConfig, models: Sequence[str] = ()) -> tuple[str, ...]:
    """Advice on ``config``, each line with the path that it is about.

    ``models``: the embedding models of the data, of which the first is used where none is named.
    """
    lines = list(config.remarks)
    if len(models) > 1 and any(_takes_first_model(entry.input) for entry in config.strategies):
        others = ", ".join(models[1:])
        lines.append(
            f"the vectors are those of {models[0]!r}; --embedding (embedding=) takes others: {others}"
        )
    if all(isinstance(entry.strategy, Threshold) for entry in config.strategies):
        lines.append(
            "only thresholds: the first n by sample id; add DIVERSITY, or RANDOM with WEIGHTS"
        )
    for i, entry in enumerate(config.strategies):
        lines += _of_entry(
            entry.place or f"strategies[{i}]", entry, unit=config.worker.normalize_embeddings
        )
    return tuple(lines)


def _takes_first_model(source: object) -> bool:
    """Whether an input is the vectors of samples, and does not say of which model."""
    return isinstance(source, Embeddings) and not (source.model or source.task or source.objects)


def _of_entry(place: str, entry: Entry, *, unit: bool) -> list[str]:
    lines = []
    if isinstance(entry.input, Scores) and entry.input.score in ALIASES:
        score = entry.input.score
        lines.append(
            f"{place}.input.score: {score!r} is an early spelling; "
            f"read as {ALIASES[score]!r} if not in the data"
        )
    if isinstance(entry.strategy, Diversity):
        distance = entry.strategy.stopping_condition_minimum_distance
        if unit and distance is not None and distance > 2:
            lines.append(
                f"{entry.at(place, 'strategy.stopping_condition_minimum_distance')}: "
                f"vectors of unit length are at most 2 apart, "
                f"so {distance:g} lets only one sample be chosen"
            )
    if isinstance(entry.strategy, Balance):
        total = sum(share for _, share in entry.strategy.target)
        if total > 1 + 1e-9:
            lines.append(
                f"{entry.at(place, 'strategy.target')}: sums to {total:g}, above 1; "
                "it is normalised and the other classes get 0"
            )
    return lines
