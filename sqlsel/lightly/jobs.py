"""A job as a script schedules it, made ready for here: old budgets, ids of datasets, paths of files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlsel.config.plain import plain
from sqlsel.lightly.store import Record

_DIVERSITY: dict[str, Any] = {"type": "DIVERSITY"}
_EMBEDDINGS = {"type": "EMBEDDINGS"}


def job_of(
    worker_config: Any, selection_config: Any, lightly_config: Any, record: Record
) -> dict[str, Any]:
    """The parts of a job in one; ValueError where nothing says what to select.

    Before there was a ``selection_config``, the options ``method`` and ``stopping_condition`` of
    ``worker_config`` said it.
    """
    worker, selection = plain(worker_config), plain(selection_config)
    if selection is None and isinstance(worker, Mapping):
        selection = _old_selection(worker)
    if selection is None:
        raise ValueError(
            "selection_config is missing: {'n_samples': …, 'strategies': [{'input': …, 'strategy': …}]}"
        )
    parts = {
        "worker_config": _with_path(worker, record),
        "selection_config": selection,
        "lightly_config": plain(lightly_config),
    }
    return {name: part for name, part in parts.items() if part is not None}


def named(value: Any, names: Mapping[str, str]) -> Any:
    """The same with the ids of datasets as their names."""
    if isinstance(value, Mapping):
        return {
            key: names.get(below, below)
            if key in ("dataset_id", "datasetId") and isinstance(below, str)
            else named(below, names)
            for key, below in value.items()
        }
    return [named(below, names) for below in value] if isinstance(value, list) else value


def _with_path(worker: Any, record: Record) -> Any:
    """A file of relevant names is looked for in the ``.lightly`` of the dataset first."""
    name = worker.get("relevant_filenames_file") if isinstance(worker, Mapping) else None
    if not name or not isinstance(name, str):
        return worker
    folders = [Path(one) for one in (record.lightly, record.input) if one is not None]
    places = [place / name for folder in folders for place in (folder / ".lightly", folder)]
    return next(
        ({**worker, "relevant_filenames_file": str(p)} for p in places if p.is_file()), worker
    )


def _old_selection(worker: Mapping[str, Any]) -> dict[str, Any] | None:
    """What ``method`` and ``stopping_condition`` said: coreset is DIVERSITY, coral also has scores."""
    stop = worker.get("stopping_condition")
    if not isinstance(stop, Mapping):
        return None
    entries: list[dict[str, Any]] = []
    method = worker.get("method", "coreset")
    if method == "random":
        entries.append({"input": {"type": "RANDOM"}, "strategy": {"type": "WEIGHTS"}})
    else:
        least = stop.get("min_distance", -1)
        limit = {"stopping_condition_minimum_distance": least} if least > 0 else {}
        entries.append({"input": _EMBEDDINGS, "strategy": {**_DIVERSITY, **limit}})
    active = worker.get("active_learning")
    if method == "coral" and isinstance(active, Mapping):
        score = {"task": active.get("task_name"), "score": active.get("score_name")}
        entries.append({"input": {"type": "SCORES", **score}, "strategy": {"type": "WEIGHTS"}})
    return {**_old_budget(stop.get("n_samples", -1)), "strategies": entries}


def _old_budget(number: Any) -> dict[str, Any]:
    """A share below 1, a number from 1 on, all of them where it is not set."""
    if number < 0:
        return {"proportion_samples": 1.0}
    return {"proportion_samples": number} if number < 1 else {"n_samples": int(number)}
