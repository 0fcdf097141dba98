from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlsel.images.models.picture_predictions import non_maximum_suppression, overlaps


def iou(a: list[float], b: list[float]) -> float:
    """By counting: the share of common area."""
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - width * height
    return width * height / union if union > 0 else 0.0


def brute_force(
    boxes: list[list[float]], scores: list[float], classes: list[int], limit: float
) -> list[int]:
    """Take the best that is left, drop what it covers, and again."""
    left, stay = set(range(len(boxes))), []
    while left:
        best = min(left, key=lambda row: (-scores[row], row))
        stay.append(best)
        left = {
            row
            for row in left - {best}
            if classes[row] != classes[best] or iou(boxes[best], boxes[row]) <= limit
        }
    return stay


CASES = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.integers(0, 12),
        st.integers(0, 8),  # sides of 0 as well
        st.integers(0, 8),
        st.integers(0, 4),  # few scores, so many ties
        st.integers(0, 2),
    ),
    max_size=25,
)


@given(CASES, st.sampled_from([0.0, 0.25, 0.45, 0.5, 1.0]))
def test_what_stays_is_what_brute_force_keeps(cases: list[tuple[int, ...]], limit: float) -> None:
    boxes = [[float(x), float(y), float(x + w), float(y + h)] for x, y, w, h, _, _ in cases]
    scores, classes = [c[4] / 4 for c in cases], [c[5] for c in cases]
    found = non_maximum_suppression(
        np.array(boxes).reshape(-1, 4), np.array(scores), np.array(classes, np.int64), limit
    )
    assert found.tolist() == brute_force(boxes, scores, classes, limit)


@pytest.mark.parametrize("seed", range(5))
def test_many_random_boxes_agree_too(seed: int) -> None:
    random = np.random.default_rng(seed)
    start, sides = random.uniform(0, 200, (300, 2)), random.uniform(0, 100, (300, 2))
    boxes, scores = np.concatenate([start, start + sides], axis=1), random.uniform(size=300)
    classes = random.integers(0, 4, 300)
    found = non_maximum_suppression(boxes, scores, classes, 0.45)
    assert found.tolist() == brute_force(boxes.tolist(), scores.tolist(), classes.tolist(), 0.45)
    assert 50 < len(found) < 300


def test_an_overlap_of_exactly_the_limit_stays() -> None:
    boxes = np.array([[0, 0, 2, 2], [0, 0, 2, 1]], np.float64)
    scores, classes = np.array([0.9, 0.8]), np.zeros(2, np.int64)
    assert overlaps(boxes[0], boxes[1:]).tolist() == [0.5]
    assert non_maximum_suppression(boxes, scores, classes, 0.5).tolist() == [0, 1]
    assert non_maximum_suppression(boxes, scores, classes, 0.49).tolist() == [0]


def test_the_first_of_equals_stays() -> None:
    boxes = np.array([[0, 0, 2, 2]] * 3, np.float64)
    found = non_maximum_suppression(boxes, np.full(3, 0.5), np.zeros(3, np.int64), 0.5)
    assert found.tolist() == [0]
