"""A classifier: one row of scores per picture; the highest is its class."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sqlsel.images.models.decoding.decoded import (
    Array,
    Decoded,
    OutputMismatch,
    Shape,
    best,
    class_scores,
    normalised,
    rows_above,
)
from sqlsel.images.models.parts import Output

_TOLERANCE = 1e-2


def classes(shapes: Sequence[Shape], output: Output, size: tuple[int, int]) -> int:
    """The length of the row; axes of length 1 do not count, so (1000, 1, 1) is a row of 1,000."""
    del output, size
    count = math.prod(shapes[0])
    if count != max(shapes[0], default=0) or count == 0:
        raise OutputMismatch(
            f"one row of scores per picture is wanted, shape (classes), got {shapes[0]}"
        )
    return count


def decode(raw: Sequence[Array], output: Output, size: tuple[int, int]) -> Decoded:
    """One prediction. Sigmoids do not add up to 1, so these models give no probabilities."""
    del size
    scores = class_scores(raw[0].reshape(1, -1), output.activation)
    if output.activation == "none" and abs(total := scores.sum() - 1) > _TOLERANCE:
        raise OutputMismatch(
            f"probabilities must add up to 1, found {total + 1:.4g}. "
            'Are they scores before the softmax? activation = "softmax"'
        )
    whole = None if output.activation == "sigmoid" else normalised(scores)
    categories, top = best(scores if whole is None else whole)
    rows = rows_above(top, output.min_score)
    return Decoded(
        categories[rows], top[rows], None, None if whole is None else np.asarray(whole[rows])
    )
