"""The published post-processing of detectors, read anew: plain loops, one cell at a time."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]


def published_nms(boxes: list[list[float]], limit: float) -> list[list[float]]:
    """Greedy suppression per class of rows (x1, y1, x2, y2, score, class, …)."""
    stay: list[list[float]] = []
    for box in sorted(boxes, key=lambda b: -b[4]):
        for other in stay:
            width = max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
            height = max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
            areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in (box, other)]
            if box[5] == other[5] and width * height / (sum(areas) - width * height) > limit:
                break
        else:
            stay.append(box)
    return stay


def published_fastestdet(raw: Array, width: int, height: int) -> list[list[float]]:
    """handle_preds of FastestDet: loops over rows and columns; boxes in pixels of the picture."""
    found = []
    for h in range(raw.shape[1]):
        for w in range(raw.shape[2]):
            data = [float(v) for v in raw[:, h, w]]
            best = max(data[5:])
            score = data[0] ** 0.6 * best**0.4
            if score < 0.25:
                continue
            x_offset = 2 / (1 + math.exp(-2 * data[1])) - 1
            y_offset = 2 / (1 + math.exp(-2 * data[2])) - 1
            box_width, box_height = 1 / (1 + math.exp(-data[3])), 1 / (1 + math.exp(-data[4]))
            cx, cy = (w + x_offset) / raw.shape[2], (h + y_offset) / raw.shape[1]
            found.append(
                [
                    *((cx - 0.5 * box_width) * width, (cy - 0.5 * box_height) * height),
                    *((cx + 0.5 * box_width) * width, (cy + 0.5 * box_height) * height),
                    *(score, data[5:].index(best)),
                ]
            )
    return published_nms(found, 0.45)


def published_yolox(raw: Array, size: tuple[int, int], least: float) -> list[list[float]]:
    """demo_postprocess of YOLOX, then the choice of boxes in postprocess; pixels of the input."""
    found, at = [], 0
    for stride in (8, 16, 32):
        for row in range(size[1] // stride):
            for column in range(size[0] // stride):
                data = [float(v) for v in raw[at]]
                at += 1
                cx, cy = (data[0] + column) * stride, (data[1] + row) * stride
                w, h = math.exp(data[2]) * stride, math.exp(data[3]) * stride
                best = max(data[5:])
                if data[4] * best >= least:
                    box = [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2]
                    found.append([*box, data[4] * best, data[5:].index(best)])
    assert at == len(raw)
    return published_nms(found, 0.45)


def clipped(boxes: list[list[float]], width: int, height: int) -> list[list[float]]:
    """(class, score, x, y, width, height) within the picture, those with an area."""
    found = []
    for box in boxes:
        x1, x2 = (min(max(box[k], 0), width) for k in (0, 2))
        y1, y2 = (min(max(box[k], 0), height) for k in (1, 3))
        if x2 > x1 and y2 > y1:
            found.append([box[5], box[4], x1, y1, x2 - x1, y2 - y1])
    return found
