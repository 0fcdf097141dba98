"""Predictions of a detector as Lightly's pretagging would hold them: its seven classes of the street."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlsel.errors import ConfigError, listing
from sqlsel.images.models.picture_predictions import Prediction

PRETAGGING = ("bicycle", "bus", "car", "motorcycle", "person", "train", "truck")
_OTHERWISE = {"motorbike": "motorcycle"}


def to_pretagging(categories: Sequence[str]) -> dict[int, int]:
    """The number of each category that is one of the seven, with its number among them.

    Names are compared without regard to case; a motorbike is a motorcycle. A ConfigError if the
    detector knows none of the seven.
    """
    mapping: dict[int, int] = {}
    for number, category in enumerate(categories):
        folded = category.strip().casefold()
        name = _OTHERWISE.get(folded, folded)
        if name in PRETAGGING:
            mapping[number] = PRETAGGING.index(name)
    if not mapping:
        known = f"It knows: {listing(categories)}"
        raise ConfigError(
            f"pretagging: this detector knows none of {', '.join(PRETAGGING)}. {known}"
        )
    return mapping


def as_pretagging(
    predictions: Iterable[Prediction], mapping: Mapping[int, int]
) -> list[Prediction]:
    """The predictions of the seven classes, without probabilities: they are estimated from the score."""
    return [
        replace(found, category=mapping[found.category], probabilities=None)
        for found in predictions
        if found.category in mapping
    ]
