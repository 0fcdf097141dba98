"""``lightly.openapi_generated.swagger_client``: the enumerations that scripts import from there."""

from sqlsel.lightly.names import (
    DatasetCreator,
    DatasetType,
    DatasourcePurpose,
    DockerRunScheduledPriority,
    DockerRunScheduledState,
    DockerRunState,
)

__all__ = [
    "DatasetCreator",
    "DatasetType",
    "DatasourcePurpose",
    "DockerRunScheduledPriority",
    "DockerRunScheduledState",
    "DockerRunState",
]
