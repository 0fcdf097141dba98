"""Lightly's scheduling scripts on a local catalogue: an ``ApiWorkflowClient`` without a network.

Compatible with the calls that such scripts make; not affiliated with Lightly, nor endorsed by it.
``from lightly.api import ApiWorkflowClient`` becomes ``from sqlsel.lightly import ApiWorkflowClient``;
the modules ``sqlsel.lightly.api`` and ``sqlsel.lightly.openapi_generated`` stand for those of the
same name, so that ``import lightly`` may become ``from sqlsel import lightly``.
"""

from sqlsel.lightly import api
from sqlsel.lightly.answers import ComputeWorkerRunInfo
from sqlsel.lightly.client import ApiWorkflowClient
from sqlsel.lightly.names import (
    DatasetCreator,
    DatasetType,
    DatasourcePurpose,
    DockerRunScheduledPriority,
    DockerRunScheduledState,
    DockerRunState,
)
from sqlsel.lightly.selection import (
    SelectionConfig,
    SelectionConfigEntry,
    SelectionConfigEntryInput,
    SelectionConfigEntryStrategy,
    SelectionInputPredictionsName,
    SelectionInputType,
    SelectionStrategyThresholdOperation,
    SelectionStrategyType,
)

__all__ = [
    "ApiWorkflowClient",
    "ComputeWorkerRunInfo",
    "DatasetCreator",
    "DatasetType",
    "DatasourcePurpose",
    "DockerRunScheduledPriority",
    "DockerRunScheduledState",
    "DockerRunState",
    "SelectionConfig",
    "SelectionConfigEntry",
    "SelectionConfigEntryInput",
    "SelectionConfigEntryStrategy",
    "SelectionInputPredictionsName",
    "SelectionInputType",
    "SelectionStrategyThresholdOperation",
    "SelectionStrategyType",
    "api",
]
