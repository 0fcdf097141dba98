"""The words of the configuration: which key belongs to which type, what people write instead."""

from __future__ import annotations

from collections.abc import Mapping

from sqlsel.config.problems import Fields
from sqlsel.errors import suggestion

TOP = ("n_samples", "proportion_samples", "strategies", "version")
ENTRY = ("input", "strategy", "strength")
INPUTS: Mapping[str, tuple[str, ...]] = {
    "EMBEDDINGS": ("dataset_id", "tag_name"),
    "SCORES": ("task", "score"),
    "PREDICTIONS": ("task", "name"),
    "METADATA": ("key",),
    "RANDOM": ("random_seed",),
}
STRATEGIES: Mapping[str, tuple[str, ...]] = {
    "DIVERSITY": ("stopping_condition_minimum_distance", "strength"),
    "WEIGHTS": ("strength",),
    "THRESHOLD": ("threshold", "operation"),
    "BALANCE": ("target", "distribution", "strength"),
    "SIMILARITY": ("strength",),
}
ACCEPTED: Mapping[str, tuple[str, ...]] = {
    "DIVERSITY": ("EMBEDDINGS",),
    "WEIGHTS": ("SCORES", "METADATA", "RANDOM"),
    "THRESHOLD": ("SCORES", "METADATA", "RANDOM"),
    "BALANCE": ("PREDICTIONS", "METADATA"),
    "SIMILARITY": ("EMBEDDINGS",),
}

LATER_STRATEGIES = ("TYPICALITY",)
LATER_NAMES = ("CATEGORY_COUNT",)
LATER_KEYS = frozenset(
    (
        "auto_tasks",
        "autoTasks",
        "categories",
        "lightly_path_regex",
        "lightlyPathRegex",
        "num_nearest_neighbors",
        "numNearestNeighbors",
        "queries",
        "stopping_condition_max_sum",
        "stoppingConditionMaxSum",
        "stopping_condition_minimum_typicality",
        "stoppingConditionMinimumTypicality",
        "target_range",
        "targetRange",
    )
)
ENVELOPES = (
    "selection_config",
    "selectionConfig",
    "worker_config",
    "workerConfig",
    "lightly_config",
    "docker",
    "worker",
)
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "n_samples": (
        "n",
        "k",
        "n_select",
        "num_samples",
        "number_of_samples",
        "n_samples_to_select",
        "budget",
        "limit",
    ),
    "proportion_samples": ("p", "proportion", "fraction", "ratio", "percent", "percentage"),
    "stopping_condition_minimum_distance": (
        "min_distance",
        "minimum_distance",
        "stopping_condition_min_distance",
    ),
    "strength": ("weight", "exponent", "importance"),
    "threshold": ("value", "cutoff", "limit"),
    "operation": ("op", "operator", "comparison"),
    "target": ("targets", "target_distribution", "class_distribution"),
    "key": ("path", "column", "metadata_key", "field"),
    "score": ("score_name", "scorer"),
    "task": ("task_name",),
    "dataset_id": ("dataset", "dataset_name"),
    "tag_name": ("tag", "tag_id", "query_tag_name"),
    "random_seed": ("seed",),
    "strategies": ("strategy",),
}


def check_keys(
    fields: Fields,
    own: tuple[str, ...],
    kind: str = "",
    kinds: Mapping[str, tuple[str, ...]] | None = None,
) -> None:
    """Notes each key that is not of ``own``; ``kinds`` says to which types keys belong."""
    for key, value in fields.values.items():
        if key in own or (value is None and any(key in keys for keys in (kinds or {}).values())):
            continue
        fields.problem(_stranger(key, own, kind, kinds or {}))


def _stranger(
    key: str, own: tuple[str, ...], kind: str, kinds: Mapping[str, tuple[str, ...]]
) -> str:
    shown = key if len(key) <= 60 else key[:60] + "…"
    if kind == "THRESHOLD" and key == "strength":
        return "THRESHOLD decides who is a candidate; it has no strength"
    if kind == "EMBEDDINGS" and key == "task":
        return "key 'task' of EMBEDDINGS (the objects of a task) is not supported yet"
    if key in LATER_KEYS:
        return f"key {shown!r} is not supported yet"
    if owners := [name for name, keys in kinds.items() if key in keys]:
        return f"{key!r} belongs to {' and '.join(owners)}, not to {kind}"
    meant = [name for name in own if key.casefold() in SYNONYMS.get(name, ())]
    guess = f" Did you mean {meant[0]!r}?" if meant else suggestion(key, own)
    return f"unknown key {shown!r}." + (guess or f" Known: {', '.join(own)}.")
