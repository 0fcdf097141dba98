"""Each way to get a configuration wrong, with the exact message that answers it."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlsel.config import SelectionConfig
from sqlsel.config.vocabulary import INPUTS, STRATEGIES
from sqlsel.errors import ConfigError

EMBEDDINGS = {"type": "EMBEDDINGS"}
SCORES = {"type": "SCORES", "task": "objects", "score": "uncertainty_entropy"}
METADATA = {"type": "METADATA", "key": "weather.description"}
PREDICTIONS = {"type": "PREDICTIONS", "task": "objects", "name": "CLASS_DISTRIBUTION"}
DIVERSITY = {"type": "DIVERSITY"}
OPERATIONS = "one of SMALLER, SMALLER_EQUAL, BIGGER, BIGGER_EQUAL"


def entry(source=EMBEDDINGS, strategy=DIVERSITY, **more):
    return {"input": source, "strategy": strategy, **more}


def problems(data):
    with pytest.raises(ConfigError) as caught:
        SelectionConfig.from_dict(data)
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("top", "message"),
    [
        ({"n_samples": 5, "proportion_samples": 0.1}, "give exactly one of n_samples and proportion_samples, not both"),
        ({}, "give n_samples or proportion_samples"),
        ({"n_samples": -1}, "give n_samples or proportion_samples"),
        ({"n_samples": None}, "give n_samples or proportion_samples"),
        ({"n_samples": 0}, "n_samples: must be a positive integer (or -1: not set), got 0"),
        ({"n_samples": -2}, "n_samples: must be a positive integer (or -1: not set), got -2"),
        ({"n_samples": 5.0}, "n_samples: must be a positive integer (or -1: not set), got 5.0 (float)"),
        ({"n_samples": "5"}, 'n_samples: must be a positive integer (or -1: not set), got "5" (text)'),
        ({"n_samples": True}, "n_samples: must be a positive integer (or -1: not set), got true"),
        ({"n_samples": [5]}, "n_samples: must be a positive integer (or -1: not set), got a list"),
        ({"n_samples": 2**63}, "n_samples: must be a positive integer (or -1: not set), got an integer of more than 64 bits"),
        ({"proportion_samples": 0}, "proportion_samples: must be a number above 0 and at most 1, got 0"),
        ({"proportion_samples": 1.5}, "proportion_samples: must be a number above 0 and at most 1, got 1.5"),
        ({"proportion_samples": "0.1"}, 'proportion_samples: must be a number above 0 and at most 1, got "0.1" (text)'),
        ({"proportion_samples": math.nan}, "proportion_samples: must be a number above 0 and at most 1, got NaN"),
        ({"proportion_samples": True}, "proportion_samples: must be a number above 0 and at most 1, got true"),
        ({"n_samples": 5, "foo": 1}, "unknown key 'foo'. Known: n_samples, proportion_samples, strategies, lightly_path_regex, auto_tasks, version."),
        ({"n_samples": 5, "nSamples": 5}, "'n_samples' and 'nSamples' are the same key"),
        ({"n_samples": 5, "proportion": 1}, "unknown key 'proportion'. Did you mean 'proportion_samples'?"),
        ({"nSamples": 0}, "nSamples: must be a positive integer (or -1: not set), got 0"),
        ({"n_samples": 5, "auto_tasks": {}}, "auto_tasks: must be a list of objects with 'type' and 'name', got an object"),
        ({"n_samples": 5, "auto_tasks": [3]}, "auto_tasks[0]: must be an object with 'type' and 'name', got 3"),
        ({"n_samples": 5, "auto_tasks": [{"type": "TILE", "name": "t"}]}, "auto_tasks[0].type: unknown type 'TILE'. Did you mean 'TILING'?"),
        ({"n_samples": 5, "auto_tasks": [{"type": "TILING", "name": "t", "num_rows": 2}]}, "auto_tasks[0]: needs 'num_cols': an integer of at least 1"),
        ({"n_samples": 5, "autoTasks": [{"type": "TILING", "name": "t", "numRows": 0, "numCols": 2}]}, "autoTasks[0].numRows: must be at least 1, got 0"),
        ({"n_samples": 5, "auto_tasks": [{"type": "TILING", "name": "t", "num_rows": 2, "num_cols": 2, "bboxs": []}]}, "auto_tasks[0]: 'bboxs' belongs to CROP, not to TILING"),
        ({"n_samples": 5, "auto_tasks": [{"type": "CROP", "name": "t", "bboxs": [[0, 0, 1]]}]}, "auto_tasks[0].bboxs: must be a list of boxes [x, y, width, height], each number between 0 and 1"),
        ({"n_samples": 5, "auto_tasks": [{"type": "CROP", "name": "t", "bboxs": [[0, 0, 1, 1]]}] * 2}, "auto_tasks[1].name: 't' appears twice"),
        ({"n_samples": 5, "lightly_path_regex": ""}, "lightly_path_regex: must not be empty"),
        ({"n_samples": 5, "lightly_path_regex": "(a)"}, "lightly_path_regex: needs a named group, e.g. '^(?P<camera>[^/]+)/'"),
        ({"n_samples": 5, "lightly_path_regex": "(?P<a>a)(?P<a>b)"}, "lightly_path_regex: group 'a' appears twice"),
        ({"n_samples": 5, "lightly_path_regex": "(?P<a>a)(?=b)"}, "lightly_path_regex: '(?=b' (looking around, back, \\Q) is not supported"),
        ({"n_samples": 5, "lightly_path_regex": "(?P<a>a)\\1"}, "lightly_path_regex: '\\\\1' (looking around, back, \\Q) is not supported"),
        ({"n_samples": 5, "lightly_path_regex": "(?P<a>a"}, "lightly_path_regex: is no regular expression of DuckDB: missing ): (?P<a>a"),
        ({"n_samples": 5, 7: 1}, "a key must be a text, got 7"),
        ({"n_samples": 5, "strategies": []}, "strategies: needs at least one strategy"),
        ({"n_samples": 5, "strategies": None}, "strategies: needs at least one strategy"),
        ({"n_samples": 5, "strategies": {}}, "strategies: must be a list of objects with 'input' and 'strategy', got an object"),
        ({"n_samples": 5, "strategies": [3]}, "strategies[0]: must be an object with 'input' and 'strategy', got 3"),
    ],
)  # fmt: skip
def test_top_level(top, message):
    assert problems({"strategies": [entry()], **top}) == [message]


@pytest.mark.parametrize(
    ("data", "got"),
    [(None, "null"), ("x", '"x" (text)'), (3, "3"), (True, "true")],
)
def test_a_configuration_is_an_object(data, got):
    assert problems(data) == [f"the configuration must be an object, got {got}"]


def test_a_bare_list_needs_a_strategy():
    assert problems([]) == ["strategies: needs at least one strategy"]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"strategy": DIVERSITY}, ": needs 'input'"),
        ({"input": EMBEDDINGS}, ": needs 'strategy'"),
        ({"input": 3, "strategy": DIVERSITY}, ".input: must be an object, got 3"),
        ({"input": EMBEDDINGS, "strategy": "DIVERSITY"}, '.strategy: must be an object, got "DIVERSITY" (text)'),
        (entry(name="x"), ": unknown key 'name'. Known: input, strategy, strength."),
        (entry(strategy={"type": "DIVERSITY", "strength": 2}, strength=3), ": 'strength' stands beside 'strategy' and in it; give it once, in 'strategy'"),
        (entry(METADATA, {"type": "THRESHOLD", "threshold": 1, "operation": "BIGGER"}, strength=3), ".strategy: THRESHOLD decides who is a candidate; it has no strength"),
        # inputs
        (entry({}), ".input: needs 'type': one of EMBEDDINGS, SCORES, PREDICTIONS, METADATA, RANDOM"),
        (entry({"type": 3}), ".input.type: must be one of EMBEDDINGS, SCORES, PREDICTIONS, METADATA, RANDOM, got 3"),
        (entry({"type": "embeddings"}), ".input.type: unknown type 'embeddings'. Did you mean 'EMBEDDINGS'?"),
        (entry({"type": "X"}), ".input.type: unknown type 'X': one of EMBEDDINGS, SCORES, PREDICTIONS, METADATA, RANDOM"),
        (entry({"type": "EMBEDDINGS", "task": "my task"}), ".input.task: 'my task' may only contain letters, digits and _+=,.@:/-"),
        (entry({"type": "EMBEDDINGS", "dataset_id": "a", "datasetId": "a", "tag_name": "abc"}, {"type": "SIMILARITY"}), ".input: 'dataset_id' and 'datasetId' are the same key"),
        (entry({"type": "EMBEDDINGS", "key": "x"}), ".input: 'key' belongs to METADATA, not to EMBEDDINGS"),
        (entry({"type": "EMBEDDINGS", "dataset": "x"}), ".input: unknown key 'dataset'. Did you mean 'dataset_id'?"),
        (entry({"type": "EMBEDDINGS", "dataset_id": "x"}), ".input: a query set is used by SIMILARITY only"),
        (entry(EMBEDDINGS, {"type": "SIMILARITY"}), ".input: needs a query set: dataset_id and tag_name"),
        (entry({"type": "EMBEDDINGS", "tag_name": "abc"}, {"type": "SIMILARITY"}), ".input: needs a query set: dataset_id and tag_name"),
        (entry({"type": "SCORES", "task": "objects"}, {"type": "WEIGHTS"}), ".input: needs 'score', e.g. 'uncertainty_entropy'"),
        (entry({"type": "SCORES", "score": "x"}, {"type": "WEIGHTS"}), ".input: needs 'task', e.g. 'my_classification_task'"),
        (entry({"type": "SCORES", "task": "my task", "score": "x"}, {"type": "WEIGHTS"}), ".input.task: 'my task' may only contain letters, digits and _+=,.@:/-"),
        (entry({"type": "SCORES", "task": "t", "score": "a b"}, {"type": "WEIGHTS"}), ".input.score: 'a b' may only contain letters, digits and _+=,.@:/-"),
        (entry({"type": "SCORES", "task": 1, "score": "s"}, {"type": "WEIGHTS"}), ".input.task: must be a text, got 1"),
        (entry({"type": "SCORES", "task": "t\n", "score": "s"}, {"type": "WEIGHTS"}), ".input.task: 't\\n' may only contain letters, digits and _+=,.@:/-"),
        (entry({"type": "PREDICTIONS", "task": "t"}, {"type": "BALANCE", "distribution": "INPUT"}), ".input: needs 'name': one of CLASS_DISTRIBUTION, CATEGORY_COUNT"),
        (entry({"type": "PREDICTIONS", "task": "t", "name": "class_distribution"}, {"type": "BALANCE", "distribution": "INPUT"}), ".input.name: unknown name 'class_distribution'. Did you mean 'CLASS_DISTRIBUTION'?"),
        (entry({"type": "PREDICTIONS", "task": "t", "name": "CATEGORY_COUNT"}, {"type": "WEIGHTS"}), ".input: needs 'categories': the names of the classes to count"),
        (entry({"type": "PREDICTIONS", "task": "t", "name": "CATEGORY_COUNT", "categories": []}, {"type": "WEIGHTS"}), ".input.categories: must be the names of the classes to count, got an empty list"),
        (entry({"type": "PREDICTIONS", "task": "t", "name": "CATEGORY_COUNT", "categories": ["car", "bus", "car"]}, {"type": "WEIGHTS"}), ".input.categories: 'car' appears twice"),
        (entry({"type": "PREDICTIONS", "task": "t", "name": "CATEGORY_COUNT", "categories": [3]}, {"type": "WEIGHTS"}), ".input.categories: a class must be a name, got 3"),
        (entry({"type": "PREDICTIONS", "task": "t", "name": "CLASS_DISTRIBUTION", "categories": ["a"]}, {"type": "BALANCE", "distribution": "INPUT"}), ".input: 'categories' belongs to CATEGORY_COUNT, not to CLASS_DISTRIBUTION"),
        (entry({"type": "METADATA"}, {"type": "WEIGHTS"}), ".input: needs 'key', e.g. 'weather.temperature'"),
        (entry({"type": "METADATA", "key": ""}, {"type": "WEIGHTS"}), ".input: needs 'key', e.g. 'weather.temperature'"),
        (entry({"type": "METADATA", "key": "a\0b"}, {"type": "WEIGHTS"}), ".input.key: may not hold a NUL character"),
        (entry({"type": "METADATA", "key": "\ud800"}, {"type": "WEIGHTS"}), ".input.key: may not hold half of a surrogate pair"),
        (entry({"type": "RANDOM", "random_seed": 1.5}, {"type": "WEIGHTS"}), ".input.random_seed: must be an integer, got 1.5"),
        (entry({"type": "RANDOM", "random_seed": True}, {"type": "WEIGHTS"}), ".input.random_seed: must be an integer, got true"),
        (entry({"type": "RANDOM", "seed": 1}, {"type": "WEIGHTS"}), ".input: unknown key 'seed'. Did you mean 'random_seed'?"),
        (entry({"type": "EMBEDDINGS", "dataset_id": "x", "tag_name": "ab"}, {"type": "SIMILARITY"}), ".input.tag_name: 'ab' is no tag name: at least 3 letters, digits, spaces and .:;=@_-, the first a letter or digit"),
        # strategies
        (entry(strategy={}), ".strategy: needs 'type': one of DIVERSITY, WEIGHTS, THRESHOLD, BALANCE, SIMILARITY, TYPICALITY"),
        (entry(strategy={"type": "diversity"}), ".strategy.type: unknown type 'diversity'. Did you mean 'DIVERSITY'?"),
        (entry(strategy={"type": "X"}), ".strategy.type: unknown type 'X': one of DIVERSITY, WEIGHTS, THRESHOLD, BALANCE, SIMILARITY, TYPICALITY"),
        (entry(strategy={"type": "TYPICALITY", "num_nearest_neighbors": 1}), ".strategy.num_nearest_neighbors: must be at least 2, got 1"),
        (entry(strategy={"type": "TYPICALITY", "numNearestNeighbors": 2.0}), ".strategy.numNearestNeighbors: must be an integer of at least 2, got 2.0 (float)"),
        (entry(strategy={"type": "TYPICALITY", "num_nearest_neighbors": True}), ".strategy.num_nearest_neighbors: must be an integer of at least 2, got true"),
        (entry(strategy={"type": "TYPICALITY", "num_nearest_neighbors": 2**63}), ".strategy.num_nearest_neighbors: must be an integer of at most 64 bits, got an integer of more than 64 bits"),
        (entry(strategy={"type": "TYPICALITY", "stopping_condition_minimum_typicality": 0}), ".strategy.stopping_condition_minimum_typicality: must be above 0, got 0"),
        (entry(strategy={"type": "TYPICALITY", "min_typicality": 0.1}), ".strategy: unknown key 'min_typicality'. Did you mean 'stopping_condition_minimum_typicality'?"),
        (entry({"type": "EMBEDDINGS", "dataset_id": "x", "tag_name": "abc"}, {"type": "TYPICALITY"}), ".input: a query set is used by SIMILARITY only"),
        (entry(strategy={"type": "DIVERSITY", "stoppingConditionMinimumDistance": 0.2}), ".strategy: unknown key 'stoppingConditionMinimumDistance'. Did you mean 'stopping_condition_minimum_distance'?"),
        (entry(strategy={"type": "DIVERSITY", "num_nearest_neighbors": 3}), ".strategy: 'num_nearest_neighbors' belongs to TYPICALITY, not to DIVERSITY"),
        (entry({"type": "EMBEDDINGS", "dataset_id": "x", "tag_name": "abc"}, {"type": "SIMILARITY", "queries": [[1]]}), ".input: give a query set or 'queries', not both"),
        (entry(strategy={"type": "SIMILARITY", "queries": [[1, 2], [3]]}), ".strategy.queries: must be a list of vectors of one length, of finite numbers"),
        (entry(strategy={"type": "DIVERSITY", "min_distance": 0.2}), ".strategy: unknown key 'min_distance'. Did you mean 'stopping_condition_minimum_distance'?"),
        (entry(strategy={"type": "DIVERSITY", "foo": 0.2}), ".strategy: unknown key 'foo'. Known: type, stopping_condition_minimum_distance, strength."),
        (entry(strategy={"type": "DIVERSITY", "stopping_condition_minimum_distance": -0.5}), ".strategy.stopping_condition_minimum_distance: must be at least 0, got -0.5"),
        (entry(strategy={"type": "DIVERSITY", "stopping_condition_minimum_distance": "1"}), '.strategy.stopping_condition_minimum_distance: must be a finite number, got "1" (text)'),
        (entry(strategy={"type": "DIVERSITY", "strength": 2e9}), ".strategy.strength: must lie between -1e9 and 1e9, got 2000000000.0"),
        (entry(strategy={"type": "DIVERSITY", "strength": math.inf}), ".strategy.strength: must be a finite number, got Infinity"),
        (entry(strategy={"type": "DIVERSITY", "strength": False}), ".strategy.strength: must be a finite number, got false"),
        (entry(strategy={"type": "DIVERSITY", "strength": 10**400}), ".strategy.strength: must be a finite number, got an integer of more than 64 bits"),
        (entry(METADATA, {"type": "WEIGHTS", "threshold": 3}), ".strategy: 'threshold' belongs to THRESHOLD, not to WEIGHTS"),
        (entry(METADATA, {"type": "WEIGHTS", "target_range": {}}), ".strategy.target_range: needs 'min_sum' or 'max_sum'"),
        (entry(METADATA, {"type": "WEIGHTS", "target_range": [1, 3]}), ".strategy.target_range: must be an object with min_sum and max_sum, got a list"),
        (entry(METADATA, {"type": "WEIGHTS", "target_range": {"min_sum": 5, "max_sum": 3}}), ".strategy.target_range: max_sum (3) is below min_sum (5)"),
        (entry(METADATA, {"type": "WEIGHTS", "targetRange": {"minSum": -1}}), ".strategy.targetRange.minSum: must be at least 0, got -1"),
        (entry(METADATA, {"type": "WEIGHTS", "target_range": {"max": 1, "max_sum": 2}}), ".strategy.target_range: unknown key 'max'. Did you mean 'max_sum'?"),
        (entry(METADATA, {"type": "WEIGHTS", "stopping_condition_max_sum": -3}), ".strategy.stopping_condition_max_sum: must be at least 0, got -3"),
        (entry(METADATA, {"type": "WEIGHTS", "max_sum": 3}), ".strategy: unknown key 'max_sum'. Did you mean 'stopping_condition_max_sum'?"),
        (entry(METADATA, {"type": "WEIGHTS", "stoppingConditionMaxSum": True}), ".strategy.stoppingConditionMaxSum: must be a finite number, got true"),
        (entry(METADATA, {"type": "THRESHOLD", "threshold": 3}), f".strategy: needs 'operation': {OPERATIONS}"),
        (entry(METADATA, {"type": "THRESHOLD", "operation": "BIGGER"}), ".strategy: needs 'threshold': a number"),
        (entry(METADATA, {"type": "THRESHOLD", "operation": "BIGGER", "threshold": True}), ".strategy.threshold: must be a finite number, got true"),
        (entry(METADATA, {"type": "THRESHOLD", "operation": "BIGGER", "threshold": math.nan}), ".strategy.threshold: must be a finite number, got NaN"),
        (entry(METADATA, {"type": "THRESHOLD", "operation": "GREATER", "threshold": 3}), f".strategy.operation: unknown operation 'GREATER': {OPERATIONS}"),
        (entry(METADATA, {"type": "THRESHOLD", "operation": "bigger", "threshold": 3}), ".strategy.operation: unknown operation 'bigger'. Did you mean 'BIGGER'?"),
        (entry(METADATA, {"type": "THRESHOLD", "operation": "BIGGER", "threshold": 3, "strength": 1}), ".strategy: THRESHOLD decides who is a candidate; it has no strength"),
        (entry(METADATA, {"type": "BALANCE"}), ".strategy: needs 'target', or 'distribution': UNIFORM or INPUT"),
        (entry(METADATA, {"type": "BALANCE", "distribution": "TARGET"}), ".strategy: needs 'target', or 'distribution': UNIFORM or INPUT"),
        (entry(METADATA, {"type": "BALANCE", "distribution": "uniform"}), ".strategy.distribution: unknown distribution 'uniform'. Did you mean 'UNIFORM'?"),
        (entry(METADATA, {"type": "BALANCE", "distribution": "UNIFORM", "target": {"a": 1}}), ".strategy: 'target' has no effect with distribution UNIFORM"),
        (entry(METADATA, {"type": "BALANCE", "target": {}}), ".strategy.target: needs at least one class"),
        (entry(METADATA, {"type": "BALANCE", "target": {"a": 0}}), ".strategy.target: needs at least one class with a share above 0"),
        (entry(METADATA, {"type": "BALANCE", "target": [0.5]}), ".strategy.target: must be an object of class: share, got a list"),
        (entry(METADATA, {"type": "BALANCE", "target": {"bus": -0.1, "car": 1}}), ".strategy.target: target of 'bus' must be a number of at least 0, got -0.1"),
        (entry(METADATA, {"type": "BALANCE", "target": {"bus": "1"}}), ".strategy.target: target of 'bus' must be a number of at least 0, got \"1\" (text)"),
        (entry(METADATA, {"type": "BALANCE", "target": {"bus": True}}), ".strategy.target: target of 'bus' must be a number of at least 0, got true"),
        (entry(METADATA, {"type": "BALANCE", "target": {"a\0": 1}}), ".strategy.target: a class may not hold a NUL character"),
        # pairs
        (entry(SCORES, {"type": "BALANCE", "distribution": "INPUT"}), ": BALANCE cannot use SCORES. It accepts PREDICTIONS (CLASS_DISTRIBUTION) and METADATA"),
        (entry(SCORES, DIVERSITY), ": DIVERSITY cannot use SCORES. It accepts EMBEDDINGS"),
        (entry(METADATA, {"type": "DIVERSIFY"}), ": DIVERSITY cannot use METADATA. It accepts EMBEDDINGS"),
        (entry(EMBEDDINGS, {"type": "WEIGHTS"}), ": WEIGHTS cannot use EMBEDDINGS. It accepts SCORES, METADATA, PREDICTIONS (CATEGORY_COUNT) and RANDOM"),
        (entry(PREDICTIONS, {"type": "THRESHOLD", "threshold": 1, "operation": "BIGGER"}), ": THRESHOLD cannot use PREDICTIONS (CLASS_DISTRIBUTION). It accepts SCORES, METADATA, PREDICTIONS (CATEGORY_COUNT) and RANDOM"),
        (entry({"type": "PREDICTIONS", "task": "t", "name": "CATEGORY_COUNT", "categories": ["a"]}, {"type": "BALANCE", "distribution": "INPUT"}), ": BALANCE cannot use PREDICTIONS (CATEGORY_COUNT). It accepts PREDICTIONS (CLASS_DISTRIBUTION) and METADATA"),
        (entry(METADATA, {"type": "TYPICALITY"}), ": TYPICALITY cannot use METADATA. It accepts EMBEDDINGS"),
        (entry({"type": "RANDOM"}, {"type": "SIMILARITY"}), ": SIMILARITY cannot use RANDOM. It accepts EMBEDDINGS"),
    ],
)  # fmt: skip
def test_entries(bad, message):
    found = problems({"n_samples": 5, "strategies": [entry(), bad]})
    assert found == [f"strategies[1]{message}"]


def test_all_problems_come_at_once():
    bad = entry(METADATA, {"type": "THRESHOLD", "threshold": True, "foo": 1})
    assert problems({"n_samples": 0, "strategies": [entry(SCORES), bad]}) == [
        "n_samples: must be a positive integer (or -1: not set), got 0",
        "strategies[0]: DIVERSITY cannot use SCORES. It accepts EMBEDDINGS",
        "strategies[1].strategy: unknown key 'foo'. Known: type, threshold, operation.",
        "strategies[1].strategy.threshold: must be a finite number, got true",
        f"strategies[1].strategy: needs 'operation': {OPERATIONS}",
    ]


def test_null_is_not_given():
    dumped = {
        "type": "WEIGHTS",
        "threshold": None,
        "target": None,
        "strength": None,
        "operation": None,
    }
    data = {"n_samples": None, "proportion_samples": 0.5, "strategies": [entry(METADATA, dumped)]}
    config = SelectionConfig.from_dict({**data, "version": 2})
    assert (
        config.n_samples,
        config.proportion_samples,
        config.strategies[0].strategy.strength,
    ) == (None, 0.5, 1.0)


scraps = st.recursive(
    st.sampled_from(
        [
            None,
            True,
            0,
            1,
            -1,
            0.5,
            math.nan,
            10**400,
            "",
            "a",
            "\0",
            *INPUTS,
            *STRATEGIES,
            "BIGGER",
            "UNIFORM",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                [
                    "input",
                    "strategy",
                    "strategies",
                    "type",
                    "n_samples",
                    "proportion_samples",
                    "strength",
                    "x",
                ]
                + [key for keys in (*INPUTS.values(), *STRATEGIES.values()) for key in keys]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
pairs = st.builds(
    lambda source, more_source, strategy, more: {
        "input": {**more_source, "type": source},
        "strategy": {**more, "type": strategy},
    },
    st.sampled_from([*INPUTS]),
    st.fixed_dictionaries(
        {}, optional={key: scraps | st.just("tag") for keys in INPUTS.values() for key in keys}
    ),
    st.sampled_from([*STRATEGIES]),
    st.fixed_dictionaries(
        {}, optional={key: scraps for keys in STRATEGIES.values() for key in keys}
    ),
)


@given(
    scraps
    | st.fixed_dictionaries(
        {"n_samples": scraps, "strategies": st.lists(pairs | scraps, max_size=2)}
    )
)
def test_any_value_is_a_configuration_or_a_config_error(data):
    try:
        assert SelectionConfig.from_dict(data).strategies
    except ConfigError as error:
        found = error.problems
    else:
        found = ("none, it is a configuration",)
    assert found
    assert all(found)
