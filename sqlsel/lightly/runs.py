"""Calls on runs: schedule one, which runs it at once, and look up finished ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlsel.lightly.answers import (
    NOT_EXISTING,
    ComputeWorkerRunInfo,
    DockerRunData,
    TagData,
)
from sqlsel.lightly.jobs import job_config, with_dataset_names
from sqlsel.lightly.names import DockerRunState
from sqlsel.lightly.scheduling import schedule
from sqlsel.lightly.store import id_of, records, runs
from sqlsel.lightly.tags import Tags


class Runs(Tags):
    """The client's calls on runs."""

    def schedule_compute_worker_run(
        self,
        worker_config: Any = None,
        lightly_config: Any = None,
        selection_config: Any = None,
        *options: Any,
        **more: Any,
    ) -> str:
        """Select from the current dataset, store the picks as a tag, and return the id of the run.

        The run is finished when this returns. Raises the errors of ``sqlsel.run``, which list all that is
        wrong; options that have no meaning here are noted on stderr.
        """
        self._note_ignored({**more, "priority": options[0] if options else more.get("priority")})
        record = self._current_record()
        job = job_config(worker_config, selection_config, lightly_config, record)
        with self._open_catalogue(write=True) as con:
            names = {one.id: one.name for one in records(con)}
            done = schedule(
                con, record, with_dataset_names(job, names), db=self.db, quiet=self._quiet
            )
        for note in done.notes:
            self._note(note)
        tags = f"; tag {', '.join(map(repr, done.tags))}" if done.tags else "; no tag"
        self._print(f"{_outcome(done.n_picked, done.n_asked)}{tags} in {self.db.name}")
        self._dataset_id = record.id
        return done.run_id

    def get_compute_worker_run_info(self, scheduled_run_id: str) -> ComputeWorkerRunInfo:
        """COMPLETED for each run, since scheduling returns when it is finished; NOT_EXISTING for an unknown id."""
        for run in self.get_compute_worker_runs():
            if run.id == scheduled_run_id:
                return ComputeWorkerRunInfo(DockerRunState.COMPLETED, run.message)
        return ComputeWorkerRunInfo(
            NOT_EXISTING, f"there is no run {scheduled_run_id!r} in {self.db.name}"
        )

    def compute_worker_run_info_generator(
        self, scheduled_run_id: str
    ) -> Iterator[ComputeWorkerRunInfo]:
        """Yield the state of a run, once, since it never changes."""
        yield self.get_compute_worker_run_info(scheduled_run_id)

    def get_compute_worker_runs(self, dataset_id: str | None = None) -> list[DockerRunData]:
        """The runs of a dataset, or of all, the oldest first."""
        with self._open_catalogue() as con:
            every = [
                DockerRunData(run_id, one.id, created, _outcome(n_picked, n_asked), version)
                for one in records(con)
                if dataset_id in (None, one.id)
                for run_id, created, n_picked, n_asked, version in runs(con, one)
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
        """The runs that wait for a worker: always none."""
        return []

    def register_compute_worker(self, name: str = "Default", labels: Any = None) -> str:
        """Nothing to register: runs happen in this process."""
        self._note("no worker is needed: a run happens in this process when it is scheduled")
        return id_of("worker", name)

    def get_compute_worker_ids(self) -> list[str]:
        """The ids of workers: always none."""
        return []

    def delete_compute_worker(self, worker_id: str) -> None:
        """Nothing to delete."""


def _outcome(n_picked: int, n_asked: int | None) -> str:
    """The sentence on a run: how many were selected, of how many asked for."""
    of_asked = "" if n_asked is None else f" of {n_asked:,} asked"
    return f"{n_picked:,} samples selected{of_asked}"
