"""A classifier: one row of scores per picture, the best of which is its class."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sqlsel.images.models.decoding.found import (
    Array,
    Found,
    Shape,
    Unfit,
    activated,
    best,
    kept,
    normalised,
)
from sqlsel.images.models.parts import Output

_TOLERANCE = 1e-2


def classes(shapes: Sequence[Shape], output: Output, size: tuple[int, int]) -> int:
    """The length of the row; sides of 1 do not count, so (1000, 1, 1) is a row of 1,000."""
    del output, size
    count = math.prod(shapes[0])
    if count != max(shapes[0], default=0) or count == 0:
        raise Unfit(f"one row of scores per picture is wanted, shape (classes), got {shapes[0]}")
    return count


def decode(raw: Sequence[Array], output: Output, size: tuple[int, int]) -> Found:
    """One prediction. Sigmoids are no shares of 1, so these models give no probabilities."""
    del size
    scores = activated(raw[0].reshape(1, -1), output.activation)
    if output.activation == "none" and abs(total := scores.sum() - 1) > _TOLERANCE:
        raise Unfit(
            f"probabilities must add up to 1, found {total + 1:.4g}. "
            'Are they scores before the softmax? activation = "softmax"'
        )
    whole = None if output.activation == "sigmoid" else normalised(scores)
    categories, top = best(scores if whole is None else whole)
    rows = kept(top, output.min_score)
    return Found(
        categories[rows], top[rows], None, None if whole is None else np.asarray(whole[rows])
    )
