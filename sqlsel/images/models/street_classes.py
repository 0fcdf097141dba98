"""Maps a detector's classes to the seven street classes of Lightly's pretagging model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlsel.errors import ConfigError, listing
from sqlsel.images.models.picture_predictions import Prediction

PRETAGGING = ("bicycle", "bus", "car", "motorcycle", "person", "train", "truck")
_OTHERWISE = {"motorbike": "motorcycle"}


def to_pretagging(categories: Sequence[str]) -> dict[int, int]:
    """Number of a category → number of the pretagging class of the same name, for those that have one.

    Case is ignored; a motorbike is a motorcycle. ConfigError if no category matches.
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
        replace(prediction, category=mapping[prediction.category], probabilities=None)
        for prediction in predictions
        if prediction.category in mapping
    ]
