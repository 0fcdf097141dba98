"""The objects that the client's calls return: datasets, folders, runs and tags, with the fields that scripts read."""

from __future__ import annotations

from dataclasses import dataclass

from sqlsel.lightly.names import DockerRunState

NOT_EXISTING = "CANCELED_OR_NOT_EXISTING"


@dataclass(frozen=True)
class DatasetData:
    """A dataset of the catalogue."""

    id: str
    name: str
    type: str
    n_samples: int = 0


@dataclass(frozen=True)
class DatasourceConfig:
    """A folder of a dataset."""

    full_path: str
    purpose: str
    type: str = "LOCAL"


@dataclass(frozen=True)
class TagData:
    """A tag, without its samples; ``tot_size`` is their number. ``created_at`` in milliseconds since 1970."""

    id: str
    dataset_id: str
    name: str
    prev_tag_id: str | None = None
    tot_size: int = 0
    created_at: int = 0
    run_id: str | None = None


@dataclass(frozen=True)
class DockerRunData:
    """A finished run; ``created_at`` in milliseconds since 1970."""

    id: str
    dataset_id: str
    created_at: int
    message: str
    docker_version: str
    state: str = DockerRunState.COMPLETED
    artifacts: tuple[str, ...] = ()


@dataclass(frozen=True)
class ComputeWorkerRunInfo:
    """The state of a run, one of DockerRunState or NOT_EXISTING, and a sentence on it."""

    state: str
    message: str

    def in_end_state(self) -> bool:
        """Whether the run is finished: always True, since scheduling returns when it is."""
        return True

    def ended_successfully(self) -> bool:
        """Whether the run made a selection; False for an id that no run has."""
        return self.state == DockerRunState.COMPLETED
