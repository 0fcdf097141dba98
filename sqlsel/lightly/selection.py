"""Classes from which scripts may build a ``selection_config``, instead of dicts."""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class _Fields:
    """A record with any fields, as attributes and by ``to_dict``; the run checks their names."""

    def __init__(self, **fields: Any) -> None:
        self._fields = fields

    def to_dict(self, *, by_alias: bool = False) -> dict[str, Any]:
        """The fields by name; ``by_alias`` is ignored, since both spellings of keys are read."""
        return dict(self._fields)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._fields:
            raise AttributeError(f"{type(self).__name__} has no field {name!r}")
        return self._fields[name]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self._fields.items())
        return f"{type(self).__name__}({fields})"


class SelectionConfig(_Fields):
    """A budget and ``strategies``."""


class SelectionConfigEntry(_Fields):
    """An ``input`` and a ``strategy``."""


class SelectionConfigEntryInput(_Fields):
    """The input of a strategy: its ``type``, and what that needs."""


class SelectionConfigEntryStrategy(_Fields):
    """A strategy: its ``type`` and options."""


class SelectionInputType(StrEnum):
    """The kinds of input."""

    EMBEDDINGS = "EMBEDDINGS"
    SCORES = "SCORES"
    METADATA = "METADATA"
    PREDICTIONS = "PREDICTIONS"
    RANDOM = "RANDOM"


class SelectionInputPredictionsName(StrEnum):
    """The quantity computed from predictions."""

    CLASS_DISTRIBUTION = "CLASS_DISTRIBUTION"
    CATEGORY_COUNT = "CATEGORY_COUNT"


class SelectionStrategyType(StrEnum):
    """The kinds of strategy."""

    DIVERSITY = "DIVERSITY"
    WEIGHTS = "WEIGHTS"
    THRESHOLD = "THRESHOLD"
    BALANCE = "BALANCE"
    SIMILARITY = "SIMILARITY"
    TYPICALITY = "TYPICALITY"


class SelectionStrategyThresholdOperation(StrEnum):
    """On which side of a threshold a value must be."""

    SMALLER = "SMALLER"
    SMALLER_EQUAL = "SMALLER_EQUAL"
    BIGGER = "BIGGER"
    BIGGER_EQUAL = "BIGGER_EQUAL"
