"""Translates a job of a script into a configuration: options of old clients, ids of datasets, paths of files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlsel.config.plain import plain
from sqlsel.lightly.store import Record

_DIVERSITY: dict[str, Any] = {"type": "DIVERSITY"}
_EMBEDDINGS = {"type": "EMBEDDINGS"}


def job_config(
    worker_config: Any, selection_config: Any, lightly_config: Any, record: Record
) -> dict[str, Any]:
    """The three parts of a job as one configuration; ValueError where none of them says what to select.

    Old scripts have no ``selection_config`` but the options ``method`` and ``stopping_condition`` of
    ``worker_config``.
    """
    worker, selection = plain(worker_config), plain(selection_config)
    if selection is None and isinstance(worker, Mapping):
        selection = _selection_of_method(worker)
    if selection is None:
        raise ValueError(
            "selection_config is missing: {'n_samples': …, 'strategies': [{'input': …, 'strategy': …}]}"
        )
    parts = {
        "worker_config": _with_found_file(worker, record),
        "selection_config": selection,
        "lightly_config": plain(lightly_config),
    }
    return {name: part for name, part in parts.items() if part is not None}


def with_dataset_names(value: Any, names: Mapping[str, str]) -> Any:
    """A copy of a nested configuration with names (``names``: id → name) in place of the ids of datasets."""
    if isinstance(value, Mapping):
        return {
            key: names.get(below, below)
            if key in ("dataset_id", "datasetId") and isinstance(below, str)
            else with_dataset_names(below, names)
            for key, below in value.items()
        }
    return (
        [with_dataset_names(below, names) for below in value] if isinstance(value, list) else value
    )


def _with_found_file(worker: Any, record: Record) -> Any:
    """The worker's configuration with the full path of ``relevant_filenames_file`` if it is in the dataset's folders.

    Their ``.lightly`` comes first. Else the name stays, and is looked up later as in any configuration.
    """
    name = worker.get("relevant_filenames_file") if isinstance(worker, Mapping) else None
    if not name or not isinstance(name, str):
        return worker
    folders = [Path(one) for one in (record.lightly, record.input) if one is not None]
    places = [place / name for folder in folders for place in (folder / ".lightly", folder)]
    return next(
        ({**worker, "relevant_filenames_file": str(p)} for p in places if p.is_file()), worker
    )


def _selection_of_method(worker: Mapping[str, Any]) -> dict[str, Any] | None:
    """The ``selection_config`` equal to ``method`` and ``stopping_condition``; None where there is no condition.

    Method coreset is DIVERSITY, random is WEIGHTS of random numbers, coral is DIVERSITY and WEIGHTS of scores.
    """
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
    return {**_budget_of_condition(stop.get("n_samples", -1)), "strategies": entries}


def _budget_of_condition(number: Any) -> dict[str, Any]:
    """The budget for an old ``n_samples``: below 0 all samples, below 1 a proportion, else a number."""
    if number < 0:
        return {"proportion_samples": 1.0}
    return {"proportion_samples": number} if number < 1 else {"n_samples": int(number)}
