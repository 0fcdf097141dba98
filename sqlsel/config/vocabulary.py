"""The keys of a configuration: which belong to which type, and common misspellings of each."""

from __future__ import annotations

from collections.abc import Mapping

from sqlsel.config.problems import SNAKE_ONLY, Fields, camel, clipped
from sqlsel.errors import cosine_hint, suggestion

Keys = Mapping[str, tuple[str, ...]]

TOP = (
    "n_samples",
    "proportion_samples",
    "strategies",
    "lightly_path_regex",
    "auto_tasks",
    "version",
)
ENTRY = ("input", "strategy", "strength")
INPUTS: Keys = {
    "EMBEDDINGS": ("dataset_id", "tag_name", "task"),
    "SCORES": ("task", "score"),
    "PREDICTIONS": ("task", "name", "categories"),
    "METADATA": ("key",),
    "RANDOM": ("random_seed",),
}
NAMES: Keys = {"CLASS_DISTRIBUTION": (), "CATEGORY_COUNT": ("categories",)}
STRATEGIES: Keys = {
    "DIVERSITY": ("stopping_condition_minimum_distance", "strength"),
    "WEIGHTS": ("stopping_condition_max_sum", "target_range", "strength"),
    "THRESHOLD": ("threshold", "operation"),
    "BALANCE": ("target", "distribution", "strength"),
    "SIMILARITY": ("queries", "strength"),
    "TYPICALITY": ("num_nearest_neighbors", "stopping_condition_minimum_typicality", "strength"),
}
TARGET_RANGE = ("min_sum", "max_sum")
AUTO_TASKS: Keys = {
    "TILING": ("name", "num_rows", "num_cols", "overlap"),
    "CROP": ("name", "bboxs"),
}
_NUMBERS = ("SCORES", "METADATA", "PREDICTIONS (CATEGORY_COUNT)", "RANDOM")
ACCEPTED: Keys = {
    "DIVERSITY": ("EMBEDDINGS",),
    "WEIGHTS": _NUMBERS,
    "THRESHOLD": _NUMBERS,
    "BALANCE": ("PREDICTIONS (CLASS_DISTRIBUTION)", "METADATA"),
    "SIMILARITY": ("EMBEDDINGS",),
    "TYPICALITY": ("EMBEDDINGS",),
}
SILENT_OF_MISSING = ("BALANCE", "THRESHOLD")  # they do not report how many samples have no value
OPERATIONS = {"SMALLER": "<", "SMALLER_EQUAL": "<=", "BIGGER": ">", "BIGGER_EQUAL": ">="}
DISTRIBUTIONS = ("TARGET", "UNIFORM", "INPUT")

# LightlyStudio's form: one object per strategy, with the name of the strategy in it.
STUDIO_MARKS = frozenset(("strategy_name", camel("strategy_name")))
STUDIO_TOP = (
    "n_samples_to_select",
    "strategies",
    "sampling_result_tag_name",
    "preselected_tag_name",
    "selected_sequence_length",
    "collection_id",
)
STUDIO: Keys = {
    "diversity": ("embedding_model_name", "strength"),
    "deduplication": (
        "stopping_condition_minimum_distance",
        "embedding_model_name",
        "strength",
    ),
    "similarity": ("query_tag_name", "embedding_model_name", "strength"),
    "weights": ("metadata_key", "strength"),
    "balance": ("target_distribution", "annotation_source_id", "strength"),
    "metadata_balance": ("metadata_key", "target_distribution", "strength"),
    "subpart_diversity": ("embedding_model_name", "annotation_source_id", "strength"),
}

SYNONYMS: Keys = {
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
    "stopping_condition_max_sum": ("max_sum", "maximum_sum"),
    "stopping_condition_minimum_typicality": ("min_typicality", "minimum_typicality"),
    "num_nearest_neighbors": ("k", "neighbors", "n_neighbors", "num_neighbors"),
    "target_range": ("range",),
    "strength": ("weight", "exponent", "importance"),
    "threshold": ("value", "cutoff", "limit"),
    "operation": ("op", "operator", "comparison"),
    "target": ("targets", "target_distribution", "class_distribution"),
    "target_distribution": ("target", "targets", "distribution"),
    "key": ("path", "column", "metadata_key", "field"),
    "metadata_key": ("key", "path", "column"),
    "score": ("score_name", "scorer"),
    "task": ("task_name", "annotation_source_id"),
    "annotation_source_id": ("task", "task_name", "annotation_source"),
    "embedding_model_name": ("embedding", "model", "model_name", "embedding_model"),
    "categories": ("classes", "category", "labels"),
    "dataset_id": ("dataset", "dataset_name"),
    "tag_name": ("tag", "tag_id", "query_tag_name"),
    "query_tag_name": ("tag_name", "tag", "query_tag"),
    "queries": ("query",),
    "random_seed": ("seed",),
    "strategies": ("strategy",),
    "n_samples_to_select": ("n", "k", "budget", "limit"),
}


def names(*tables: Keys) -> frozenset[str]:
    """All keys of all types of some tables."""
    return frozenset(key for table in tables for keys in table.values() for key in keys)


def check_keys(
    fields: Fields,
    own: tuple[str, ...],
    kind: str = "",
    kinds: Keys | None = None,
    *,
    unit_distance: bool = False,
) -> None:
    """Note a problem for each key that is not in ``own``; ``kinds``: the keys of all types, for hints.

    ``unit_distance``: whether this is a strategy beyond Lightly's whose distances are between unit vectors.
    """
    unit_distance = unit_distance or ACCEPTED.get(kind.upper()) == ("EMBEDDINGS",)
    for key, value in fields.values.items():
        if key in own or (value is None and key in names(kinds or {})):
            continue
        cosine = _cosine(key, value, own) if unit_distance else ""
        fields.problem(cosine or _unknown_key(key, own, kind, kinds or {}))


def _cosine(key: str, value: object, own: tuple[str, ...]) -> str:
    """The message for a key that means a cosine, with the distance to use instead; else an empty text."""
    endings = ("minimum_distance", "min_distance")
    distance = next((name for name in own if name.endswith(endings)), "")
    hint = cosine_hint(key, value, ["min_distance"] if distance else [], ":")
    hint = hint.replace("min_distance :", f'"{distance}":')
    return hint and f"unknown key {clipped(key)}{hint}"


def _unknown_key(key: str, own: tuple[str, ...], kind: str, kinds: Keys) -> str:
    """The message for a key that ``kind`` does not have: whose it is, or what may be meant."""
    if kind == "THRESHOLD" and key == "strength":
        return "THRESHOLD decides who is a candidate; it has no strength"
    if owners := [name for name, keys in kinds.items() if key in keys]:
        return f"{key!r} belongs to {' and '.join(owners)}, not to {kind}"
    meant = [
        name
        for name in own
        if key.casefold() in SYNONYMS.get(name, ()) or (name in SNAKE_ONLY and key == camel(name))
    ]
    guess = f" Did you mean {meant[0]!r}?" if meant else suggestion(key, own)
    return f"unknown key {clipped(key)}." + (guess or f" Known: {', '.join(own)}.")
