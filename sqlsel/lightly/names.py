"""The enumerations that scheduling scripts import; members are strings, as in Lightly's client."""

from __future__ import annotations

from enum import StrEnum


class DatasetType(StrEnum):
    """What a dataset is made of."""

    IMAGES = "Images"
    VIDEOS = "Videos"
    CROPS = "Crops"


class DatasetCreator(StrEnum):
    """Who made a dataset; without meaning here."""

    UNKNOWN = "UNKNOWN"
    USER_WEBAPP = "USER_WEBAPP"
    USER_PIP = "USER_PIP"
    USER_WORKER = "USER_WORKER"


class DatasourcePurpose(StrEnum):
    """What a folder contains: the images, metadata and predictions (``.lightly``), or both."""

    INPUT = "INPUT"
    INPUT_OUTPUT = "INPUT_OUTPUT"
    LIGHTLY = "LIGHTLY"


class DockerRunState(StrEnum):
    """How far a run is; one of sqlsel is COMPLETED when its scheduling returns."""

    STARTED = "STARTED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CRASHED = "CRASHED"
    ABORTED = "ABORTED"


class DockerRunScheduledState(StrEnum):
    """How far a job is on its way to a worker; no job waits here."""

    OPEN = "OPEN"
    LOCKED = "LOCKED"
    DONE = "DONE"
    CANCELED = "CANCELED"


class DockerRunScheduledPriority(StrEnum):
    """Which job is first; without meaning here."""

    LOW = "LOW"
    MID = "MID"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"
