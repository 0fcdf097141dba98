"""What a prediction task is: a name, what kind of predictions it has, and its classes."""

from __future__ import annotations

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
    """One class: the number that files use, and its name."""

    id: int
    name: str


@dataclass(frozen=True)
class Task:
    """One model's predictions; probabilities stand in the order of ``categories``."""

    name: str
    type: str
    categories: tuple[Category, ...]
