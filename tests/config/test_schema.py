"""The JSON Schema of the configuration: it names what the checks know, and fits what they accept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from config.test_forms import FORMS, NORMAL, SMALL, in_camel, studio

from sqlsel.config import loads, schema
from sqlsel.config import vocabulary as words
from sqlsel.config.schema import VALUES

SEED = Path(__file__).parents[2] / "examples" / "seed"
EXAMPLES = [path for path in sorted(SEED.glob("*/*.json")) if path.stem != "skeleton"]  # refused
PLAIN = ["camel", "version 2", "their camel", "worker", "job", "camel job", "V4", "created V4"]
OBJECTS = {"strategies", "auto_tasks", "input", "strategy", "target_range"}
FITS = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "null": lambda value: value is None,
}


def fits(value, rule, root):
    """Whether a value obeys a schema made of the words that ours uses."""
    if "$ref" in rule:
        return fits(value, root["$defs"][rule["$ref"].rpartition("/")[2]], root)
    limits = {
        "type": lambda kind: FITS[kind](value),
        "const": lambda only: value == only,
        "enum": lambda words: value in words,
        "anyOf": lambda rules: any(fits(value, one, root) for one in rules),
        "allOf": lambda rules: all(fits(value, one, root) for one in rules),
        "minimum": lambda least: value >= least,
        "maximum": lambda most: value <= most,
        "exclusiveMinimum": lambda least: value > least,
        "minLength": lambda least: len(value) >= least,
        "minItems": lambda least: len(value) >= least,
        "required": lambda keys: isinstance(value, dict) and all(key in value for key in keys),
        "items": lambda one: all(fits(below, one, root) for below in value),
        "properties": lambda keys: all(
            fits(below, keys[key], root) for key, below in value.items() if key in keys
        ),
        "additionalProperties": lambda one: all(
            one is not False and fits(below, one, root)
            for key, below in value.items()
            if key not in rule.get("properties", {})
        ),
    }
    return all(limits[word](asked) for word, asked in rule.items() if word in limits)


def valid(data):
    return fits(json.loads(json.dumps(data)), schema(), schema())


def test_every_key_of_the_configuration_has_its_values():
    tables = (words.INPUTS, words.STRATEGIES, words.AUTO_TASKS, words.STUDIO, words.NAMES)
    keys = {*words.names(*tables), *words.TOP, *words.STUDIO_TOP, *words.TARGET_RANGE}
    assert keys - OBJECTS - set(VALUES) == set()


def test_it_is_json():
    assert json.loads(json.dumps(schema())) == schema()
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_examples_are_valid():
    texts = {str(path): loads(path.read_text(encoding="utf-8"), path.name) for path in EXAMPLES}
    assert [path for path, data in texts.items() if not valid(data)] == []
    assert texts


@pytest.mark.parametrize("form", PLAIN)
def test_all_forms_are_valid(form):
    assert valid(FORMS[form])


def changed(**entry):
    first = NORMAL["strategies"][0]
    return {**NORMAL, "strategies": [{**first, **entry}]}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (SMALL, True),
        (in_camel(NORMAL), True),
        ({**SMALL, "n_samples": -1, "proportionSamples": 0.5}, True),
        (studio({"strategy_name": "weights", "metadata_key": "hour"}), True),
        (studio({"strategy_name": "weights"}), False),
        ({"selection_config": SMALL, "worker_config": {"crops": {"enable_upload": True}}}, True),
        ({"selection_config": SMALL, "worker_config": {"crops": {"enable": True}}}, True),
        ({"worker_config": {}}, False),
        ({**SMALL, "n_samples": 0}, False),
        ({**SMALL, "n_samples": 0, "proportionSamples": 0.5}, True),
        (SMALL["strategies"], True),
        ([{"strategy_name": "diversity"}], True),
        ([], False),
        ({**SMALL, "foo": 0}, False),
        ({**SMALL, "strategies": []}, False),
        (changed(input={"type": "SCORES", "task": "objects"}), False),
        (changed(input={"type": "METADATA", "key": "hour"}), True),
        (changed(strategy={"type": "DIVERSITY", "min_distance": 0.1}), False),
        (changed(strategy={"type": "TYPICALITY", "numNearestNeighbors": 1}), False),
        (changed(strategy={"type": "WEIGHTS", "targetRange": {"minSum": 1}}), True),
        (changed(strategy={"type": "WEIGHTS", "target_range": {"min": 1}}), False),
        (changed(strategy={"type": "BALANCE", "target": {"a": -1}}), False),
        (changed(strategy={"type": "BALANCE", "distribution": "UNIFORM"}), True),
    ],
)
def test_what_is_valid(data, expected):
    assert valid(data) is expected
