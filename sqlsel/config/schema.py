"""The JSON Schema of a configuration, for editors; made of the same tables as its checks."""

from __future__ import annotations

from collections.abc import Iterable

from sqlsel.config import vocabulary as words
from sqlsel.config.option_schema import Schema
from sqlsel.config.others import NO_OTHERS, Others
from sqlsel.config.problems import SNAKE_ONLY, camel
from sqlsel.config.worker_options import JOB, LIGHTLY, WORKER, Options

_POSITIVE: Schema = {"type": "integer", "minimum": 1}
_FROM_0: Schema = {"type": "number", "minimum": 0}
_NAME: Schema = {"type": "string", "minLength": 1}
_FLAG: Schema = {"type": "boolean"}
_SHARES: Schema = {"type": "object", "minProperties": 1, "additionalProperties": _FROM_0}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}

# The schema of each key's value; a test proves that no key of vocabulary.py is missing.
VALUES: dict[str, Schema] = {
    "n_samples": {"anyOf": [_POSITIVE, {"enum": [-1, 0]}]},
    "n_samples_to_select": _POSITIVE,
    "proportion_samples": {"type": "number", "minimum": 0, "maximum": 1},
    "lightly_path_regex": _NAME,
    "version": {},
    "collection_id": {},
    "strength": {"type": "number", "minimum": -1e9, "maximum": 1e9, "default": 1.0},
    "dataset_id": _NAME,
    "tag_name": {"type": "string", "pattern": "^[a-zA-Z0-9][a-zA-Z0-9 .:;=@_-]{2,}$"},
    "task": {"type": "string", "pattern": "^[a-zA-Z0-9_+=,.@:/-]+$"},
    "score": {"type": "string", "pattern": "^[a-zA-Z0-9_+=,.@:/-]+$"},
    "key": _NAME,
    "name": {"enum": [*words.NAMES]},
    "categories": {"type": "array", "items": _NAME, "minItems": 1, "uniqueItems": True},
    "random_seed": {"type": "integer", "default": 0},
    "stopping_condition_minimum_distance": _FROM_0,
    "stopping_condition_max_sum": _FROM_0,
    "stopping_condition_minimum_typicality": {"type": "number", "exclusiveMinimum": 0},
    "num_nearest_neighbors": {"type": "integer", "minimum": 2, "default": 20},
    "min_sum": _FROM_0,
    "max_sum": _FROM_0,
    "threshold": {"type": "number"},
    "operation": {"enum": [*words.OPERATIONS]},
    "target": _SHARES,
    "target_distribution": {"anyOf": [_SHARES, {"enum": ["uniform", "input"]}]},
    "distribution": {"enum": [*words.DISTRIBUTIONS], "default": "TARGET"},
    "queries": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
    "num_rows": _POSITIVE,
    "num_cols": _POSITIVE,
    "overlap": _FROM_0,
    "bboxs": {
        "type": "array",
        "minItems": 1,
        "items": {"type": "array", "minItems": 4, "maxItems": 4, "items": _SHARE},
    },
    "embedding_model_name": _NAME,
    "annotation_source_id": _NAME,
    "metadata_key": _NAME,
    "query_tag_name": _NAME,
    "sampling_result_tag_name": _NAME,
    "preselected_tag_name": _NAME,
    "selected_sequence_length": _POSITIVE,
    "relevant_filenames_file": {"type": "string"},
    "embeddings": {"type": "string"},
    "normalize_embeddings": {**_FLAG, "default": True},
    "use_datapool": {**_FLAG, "default": False},
    "pretagging": {**_FLAG, "default": False},
    "seed": {"type": "integer", "minimum": 0},
}
_NEEDED = {
    "SCORES": ["task", "score"],
    "PREDICTIONS": ["task", "name"],
    "METADATA": ["key"],
    "THRESHOLD": ["threshold", "operation"],
    "TILING": ["name", "num_rows", "num_cols"],
    "CROP": ["name", "bboxs"],
    "deduplication": ["stopping_condition_minimum_distance"],
    "similarity": ["query_tag_name"],
    "weights": ["metadata_key"],
    "balance": ["target_distribution"],
    "metadata_balance": ["metadata_key", "target_distribution"],
}


def schema(others: Others = NO_OTHERS) -> Schema:
    """The JSON Schema (2020-12) of all forms of a configuration; ``others``: strategies beside Lightly's."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Selection configuration",
        "anyOf": [
            *map(_reference, ("selection", "studio", "job")),
            {"type": "array", "minItems": 1, "items": _reference("entry")},
            {"type": "array", "minItems": 1, "items": _studio_entry()},
        ],
        "$defs": {
            "selection": _selection(),
            "studio": _studio(),
            "job": _job(),
            "entry": _entry(others),
        },
    }


def _selection() -> Schema:
    listed: Schema = {"type": "array", "minItems": 1, "items": _reference("entry")}
    tasks: Schema = {
        "type": "array",
        "items": _any_kind("type", words.AUTO_TASKS, {"name": VALUES["task"]}),
    }
    return _budgeted(_object(words.TOP, {"strategies": listed, "auto_tasks": tasks}))


def _studio() -> Schema:
    listed: Schema = {"type": "array", "minItems": 1, "items": _studio_entry()}
    top = dict.fromkeys((*words.STUDIO_TOP, *words.TOP))
    return _budgeted(_object([key for key in top if key != "auto_tasks"], {"strategies": listed}))


def _studio_entry() -> Schema:
    return _any_kind("strategy_name", words.STUDIO, {})


def _budgeted(described: Schema) -> Schema:
    """The schema with one more rule: n_samples may be 0 only where a proportion is set too."""
    number: Schema = {"anyOf": [_POSITIVE, {"const": -1}, {"type": "null"}]}
    both = ("n_samples", "proportion_samples")
    numbers, shares = (dict.fromkeys((name, _wire(name))) for name in both)
    unset: Schema = {"properties": dict.fromkeys(numbers, number)}
    return {**described, "anyOf": [unset, *({"required": [key]} for key in shares)]}


def _entry(others: Others) -> Schema:
    range_ = {"target_range": _object(words.TARGET_RANGE)}
    kinds = [_of_kind("type", kind, keys, range_) for kind, keys in words.STRATEGIES.items()]
    for kind, one in others.items():
        kinds.append(_of_kind("type", kind, one.options, dict(one.options), one.required))
    below: dict[str, Schema] = {
        "input": _any_kind("type", words.INPUTS, {}),
        "strategy": {"anyOf": kinds},
    }
    return {**_object(words.ENTRY, below), "required": ["input", "strategy"]}


def _job() -> Schema:
    selection: Schema = {"anyOf": [_reference("selection"), _reference("studio")]}
    worker, lightly = _options(WORKER), _options(LIGHTLY)
    below: dict[str, Schema] = {
        **dict.fromkeys(("selection", "selection_config"), selection),
        **dict.fromkeys(("worker", "worker_config", "docker"), worker),
        **dict.fromkeys(("lightly", "lightly_config"), lightly),
        "config": _reference("job"),
    }
    parts = ("selection", "selection_config", "config")
    wires = [key for name in parts for key in dict.fromkeys((name, camel(name)))]
    return {
        **_open(_object([*JOB], {key: below.get(key, {}) for key in JOB})),
        "anyOf": [{"required": [key]} for key in wires],
    }


def _options(options: Options) -> Schema:
    below = {
        name: _options(nested) if nested else VALUES.get(name, {})
        for name, nested in options.items()
    }
    return _open(_object([*options], below))


def _open(described: Schema) -> Schema:
    """The schema with further keys allowed: Workers of other versions have other options."""
    return {key: value for key, value in described.items() if key != "additionalProperties"}


def _any_kind(mark: str, kinds: words.Keys, below: dict[str, Schema]) -> Schema:
    """anyOf of one object schema per type, with the keys of that type; ``mark``: the key that names it."""
    return {"anyOf": [_of_kind(mark, kind, keys, below) for kind, keys in kinds.items()]}


def _of_kind(
    mark: str,
    kind: str,
    keys: Iterable[str],
    below: dict[str, Schema],
    required: Iterable[str] = (),
) -> Schema:
    """An object of this type; ``required``: keys that it must have beside those of ``_NEEDED``."""
    described = _object([mark, *keys], {**below, mark: {"const": kind}})
    needed = [
        {"anyOf": [{"required": [key]} for key in dict.fromkeys((name, _wire(name)))]}
        for name in (mark, *_NEEDED.get(kind, []), *required)
    ]
    return {**described, "allOf": needed}


def _object(keys: Iterable[str], below: dict[str, Schema] | None = None) -> Schema:
    """An object with these keys and no others, in snake_case and camelCase; null means not set."""
    properties: Schema = {}
    for key in keys:
        value = (below or {}).get(key) or VALUES.get(key, {})
        properties[key] = properties[_wire(key)] = {"anyOf": [value, {"type": "null"}]}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _wire(key: str) -> str:
    return key if key in SNAKE_ONLY else camel(key)


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}
