"""The model of a prediction task: its name, its type and its categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

CLASSIFICATION = "classification"
OBJECT_DETECTION = "object-detection"
SEMANTIC_SEGMENTATION = "semantic-segmentation"
INSTANCE_SEGMENTATION = "instance-segmentation"
KEYPOINT_DETECTION = "keypoint-detection"
TASK_TYPES = (
    CLASSIFICATION,
    OBJECT_DETECTION,
    SEMANTIC_SEGMENTATION,
    INSTANCE_SEGMENTATION,
    KEYPOINT_DETECTION,
)


@dataclass(frozen=True)
class Category:
    """One class: its id in files, and its name."""

    id: int
    name: str


@dataclass(frozen=True)
class Task:
    """The predictions of one model; probabilities are in the order of ``categories``."""

    name: str
    type: str
    categories: tuple[Category, ...]


def listing(categories: Sequence[Category]) -> str:
    """Numbers and names of the first twelve, for a message."""
    first = ", ".join(f"{category.id} ({category.name})" for category in categories[:12])
    return f"{first}, …" if len(categories) > 12 else first
