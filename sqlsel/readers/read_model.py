"""The model of a prediction task: its name, its type and its categories."""

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
OBJECT_TYPES = TASK_TYPES[1:]  # all but classification have objects


@dataclass(frozen=True)
class Category:
    """One class: its id in files, and its name."""

    id: int
    name: str

    def __str__(self) -> str:
        return f"{self.id} ({self.name})"


@dataclass(frozen=True)
class Task:
    """The predictions of one model; probabilities are in the order of ``categories``."""

    name: str
    type: str
    categories: tuple[Category, ...]
