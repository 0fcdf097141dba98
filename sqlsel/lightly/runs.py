"""Calls on runs: schedule one, which runs it, and what is known of those that are over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlsel.lightly.answers import (
    NOT_EXISTING,
    ComputeWorkerRunInfo,
    DockerRunData,
    TagData,
)
from sqlsel.lightly.jobs import job_of, named
from sqlsel.lightly.names import DockerRunState
from sqlsel.lightly.scheduling import schedule
from sqlsel.lightly.store import id_of, records, runs
from sqlsel.lightly.tags import Tags


class Runs(Tags):
    """The part of the client that knows runs."""

    def schedule_compute_worker_run(
        self,
        worker_config: Any = None,
        lightly_config: Any = None,
        selection_config: Any = None,
        *options: Any,
        **more: Any,
    ) -> str:
        """Select from the current dataset, keep the picks as a tag, and return the id of the run.

        The run is over when this returns. What cannot be run is an error, which lists all that is
        wrong; options that have no meaning here are notes.
        """
        self._ignored({**more, "priority": options[0] if options else more.get("priority")})
        record = self._record()
        job = job_of(worker_config, selection_config, lightly_config, record)
        with self._opened(write=True) as con:
            names = {one.id: one.name for one in records(con)}
            done = schedule(con, record, named(job, names), db=self.db, quiet=self._quiet)
        for note in done.notes:
            self._note(note)
        tags = f"; tag {', '.join(map(repr, done.tags))}" if done.tags else "; no tag"
        self._say(f"{_outcome(done.picked, done.asked)}{tags} in {self.db.name}")
        self._dataset_id = record.id
        return done.run_id

    def get_compute_worker_run_info(self, scheduled_run_id: str) -> ComputeWorkerRunInfo:
        """COMPLETED, since runs are over when they are scheduled; for an unknown id it says so."""
        for run in self.get_compute_worker_runs():
            if run.id == scheduled_run_id:
                return ComputeWorkerRunInfo(DockerRunState.COMPLETED, run.message)
        return ComputeWorkerRunInfo(
            NOT_EXISTING, f"there is no run {scheduled_run_id!r} in {self.db.name}"
        )

    def compute_worker_run_info_generator(
        self, scheduled_run_id: str
    ) -> Iterator[ComputeWorkerRunInfo]:
        """The state of a run, once."""
        yield self.get_compute_worker_run_info(scheduled_run_id)

    def get_compute_worker_runs(self, dataset_id: str | None = None) -> list[DockerRunData]:
        """The runs of a dataset, or of all, the oldest first."""
        with self._opened() as con:
            every = [
                DockerRunData(run_id, one.id, made, _outcome(picked, asked), version)
                for one in records(con)
                if dataset_id in (None, one.id)
                for run_id, made, picked, asked, version in runs(con, one)
            ]
        return sorted(every, key=lambda run: run.created_at)

    def get_compute_worker_run(self, run_id: str) -> DockerRunData:
        """The run of this id; ValueError where there is none."""
        for run in self.get_compute_worker_runs():
            if run.id == run_id:
                return run
        raise ValueError(f"there is no run {run_id!r} in {self.db.name}")

    def get_compute_worker_run_from_scheduled_run(self, scheduled_run_id: str) -> DockerRunData:
        """The run that was scheduled under this id; ValueError where there is none."""
        return self.get_compute_worker_run(scheduled_run_id)

    def get_compute_worker_run_tags(self, run_id: str) -> list[TagData]:
        """The tags of the current dataset that a run wrote, the newest first."""
        return [tag for tag in self.get_all_tags() if tag.run_id == run_id]

    def get_scheduled_compute_worker_runs(self) -> list[Any]:
        """The runs that wait: none."""
        return []

    def register_compute_worker(self, name: str = "Default", labels: Any = None) -> str:
        """Nothing to register: runs happen in this process."""
        self._note("no worker is needed: a run happens in this process when it is scheduled")
        return id_of("worker", name)

    def get_compute_worker_ids(self) -> list[str]:
        """The workers: none is needed."""
        return []

    def delete_compute_worker(self, worker_id: str) -> None:
        """Nothing to delete."""


def _outcome(picked: int, asked: int | None) -> str:
    of = "" if asked is None else f" of {asked:,} asked"
    return f"{picked:,} samples selected{of}"
