"""The result of all decoders, and the arithmetic of scores that they share. Everything is float64."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sqlsel.images.models.parts import Output

Array = NDArray[Any]
Numbers = NDArray[np.float64]
Shape = tuple[int, ...]

_SLACK = 2e-3  # a sigmoid or softmax in float16 may miss its bounds by so much


class OutputMismatch(Exception):
    """Outputs whose shapes or numbers are not as the settings say."""


@dataclass(frozen=True)
class Decoded:
    """The predictions in one picture's outputs, in their order, before non-maximum suppression.

    ``boxes``: x1, y1, x2, y2 in pixels of the model's input, one row each; None for a classifier.
    ``probabilities``: one row each, adding up to 1; None where the model gives none.
    """

    categories: NDArray[np.int64]
    scores: Numbers
    boxes: Numbers | None
    probabilities: Numbers | None


class Decoder(NamedTuple):
    """A decoder of one layout.

    ``classes(shapes, output, size)``: the number of classes, from the shapes of the outputs without
    the batch and the size of the model's input; OutputMismatch if they have another layout.
    ``decode(raw, output, size)``: the predictions in the outputs of one picture.
    """

    classes: Callable[[Sequence[Shape], Output, tuple[int, int]], int]
    decode: Callable[[Sequence[Array], Output, tuple[int, int]], Decoded]


def class_scores(raw: Array, activation: str) -> Numbers:
    """The scores of classes after the activation function, along the last axis."""
    values = np.asarray(raw, np.float64)
    if activation == "softmax":
        powers = np.exp(values - values.max(axis=-1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
    return sigmoid(values) if activation == "sigmoid" else as_shares(values)


def sigmoid(values: Numbers) -> Numbers:
    """1 / (1 + e⁻ˣ), without overflow."""
    small = np.exp(-np.abs(values))
    return np.asarray(np.where(values >= 0, 1, small) / (1 + small))


def as_shares(raw: Array) -> Numbers:
    """The numbers clipped to 0 and 1 where rounding moved them outside; OutputMismatch where it is more than that."""
    values = np.asarray(raw, np.float64)
    if values.size and not (values.min() >= -_SLACK and values.max() <= 1 + _SLACK):
        raise OutputMismatch(
            f"scores must lie between 0 and 1, found {values.min():.4g} to {values.max():.4g}"
        )
    return np.clip(values, 0, 1)


def normalised(rows: Numbers) -> Numbers:
    """Each row divided by its sum, which must not be 0."""
    return np.asarray(rows / rows.sum(axis=-1, keepdims=True))


def best(scores: Numbers) -> tuple[NDArray[np.int64], Numbers]:
    """For each row the class with the highest score (the first of equals), and that score."""
    categories = scores.argmax(axis=1).astype(np.int64)
    return categories, scores[np.arange(len(scores)), categories]


def rows_above(scores: Numbers, least: float) -> NDArray[np.int64]:
    """The indices of rows whose score is at least ``least`` and above 0."""
    return np.nonzero((scores >= least) & (scores > 0))[0]


def corners(boxes: Numbers, form: str) -> Numbers:
    """Boxes as x1, y1, x2, y2, from that, from x, y, width, height, or from centre and sides."""
    if form == "xyxy":
        return boxes
    start, sides = boxes[:, :2], boxes[:, 2:]
    if form == "cxcywh":
        start = start - sides / 2
    return np.concatenate([start, start + sides], axis=1)
