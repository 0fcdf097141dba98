"""``lightly.openapi_generated.swagger_client``: what scripts import from there."""

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

# Their names in earlier versions.
DockerWorkerSelectionConfig = SelectionConfig
DockerWorkerSelectionConfigEntry = SelectionConfigEntry
DockerWorkerSelectionConfigEntryInput = SelectionConfigEntryInput
DockerWorkerSelectionConfigEntryStrategy = SelectionConfigEntryStrategy
DockerWorkerSelectionInputType = SelectionInputType
DockerWorkerSelectionInputPredictionsName = SelectionInputPredictionsName
DockerWorkerSelectionStrategyType = SelectionStrategyType
DockerWorkerSelectionStrategyThresholdOperation = SelectionStrategyThresholdOperation

__all__ = [
    "DatasetCreator",
    "DatasetType",
    "DatasourcePurpose",
    "DockerRunScheduledPriority",
    "DockerRunScheduledState",
    "DockerRunState",
    "DockerWorkerSelectionConfig",
    "DockerWorkerSelectionConfigEntry",
    "DockerWorkerSelectionConfigEntryInput",
    "DockerWorkerSelectionConfigEntryStrategy",
    "DockerWorkerSelectionInputPredictionsName",
    "DockerWorkerSelectionInputType",
    "DockerWorkerSelectionStrategyThresholdOperation",
    "DockerWorkerSelectionStrategyType",
    "SelectionConfig",
    "SelectionConfigEntry",
    "SelectionConfigEntryInput",
    "SelectionConfigEntryStrategy",
    "SelectionInputPredictionsName",
    "SelectionInputType",
    "SelectionStrategyThresholdOperation",
    "SelectionStrategyType",
]
