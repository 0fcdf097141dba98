"""One configuration in all forms in which Lightly, LightlyStudio and their users write it."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import enum
from types import SimpleNamespace

import numpy as np
import pytest
from config.relations import columns

from sqlsel.config import SelectionConfig, Task, Worker, compile_statement, hints
from sqlsel.config.problems import SNAKE_ONLY, camel
from sqlsel.config.vocabulary import INPUTS, STRATEGIES, names
from sqlsel.errors import ConfigError

OBJECTS = "STRUCT(category_id INTEGER, score DOUBLE, bbox DOUBLE[4], probabilities DOUBLE[])[]"
DATASET = {
    "sample_id": "VARCHAR",
    "file_name": "VARCHAR",
    "embedding": "FLOAT[8]",
    "hour": "INTEGER",
    "good": "BOOLEAN",
    "objects": f"STRUCT(objects {OBJECTS}, class_distribution DOUBLE[], embeddings FLOAT[8][], uncertainty_entropy DOUBLE)",
    "weather": "STRUCT(class_distribution DOUBLE[])",
}
TASKS = {
    "objects": Task("objects", "object-detection", ((0, "car"), (5, "person"))),
    "weather": Task("weather", "classification", ((1, "sunny"), (2, "rain"))),
}
EMBEDDINGS = {"type": "EMBEDDINGS"}
DIVERSE = {"input": EMBEDDINGS, "strategy": {"type": "DIVERSITY"}}
SMALL = {"n_samples": 6, "strategies": [DIVERSE]}
NORMAL = {
    "n_samples": 5,
    "strategies": [
        {
            "input": EMBEDDINGS,
            "strategy": {"type": "DIVERSITY", "stopping_condition_minimum_distance": 0.1},
        },
        {
            "input": {"type": "SCORES", "task": "objects", "score": "uncertainty_entropy"},
            "strategy": {
                "type": "WEIGHTS",
                "target_range": {"min_sum": 1, "max_sum": 3},
                "strength": 2.0,
            },
        },
        {
            "input": {
                "type": "PREDICTIONS",
                "task": "objects",
                "name": "CATEGORY_COUNT",
                "categories": ["person"],
            },
            "strategy": {"type": "THRESHOLD", "threshold": 1, "operation": "BIGGER_EQUAL"},
        },
        {
            "input": EMBEDDINGS,
            "strategy": {
                "type": "TYPICALITY",
                "num_nearest_neighbors": 7,
                "stopping_condition_minimum_typicality": 0.25,
            },
        },
    ],
}


def compiled(data, **known):
    config = SelectionConfig.from_dict(data)
    return compile_statement(
        config, source="t", columns=columns(DATASET), key="sample_id", tasks=TASKS, **known
    )


def items(text):
    """The items of a statement without its last line, that of the options."""
    listed = text.split("USING STRATEGY ")[1].split("\nLIMIT")[0].split(",\n               ")
    return listed[:-1]


def problems(data):
    with pytest.raises(ConfigError) as caught:
        SelectionConfig.from_dict(data)
    return list(caught.value.problems)


def in_camel(value):
    if isinstance(value, dict):
        return {k if k in SNAKE_ONLY else camel(k): in_camel(below) for k, below in value.items()}
    return [in_camel(below) for below in value] if isinstance(value, list) else value


class Kind(str, enum.Enum):  # noqa: UP042 - as the client of Lightly writes its own
    """An enumeration as in Lightly's client: its texts say more than its value."""

    EMBEDDINGS = "EMBEDDINGS"
    DIVERSITY = "DIVERSITY"


class OfLightly(SimpleNamespace):
    """As the models of Lightly's client: snake_case inside, nothing for None."""

    def to_dict(self, by_alias=False):
        shown = {
            key: value.to_dict(by_alias) if isinstance(value, OfLightly) else value
            for key, value in vars(self).items()
            if value is not None
        }
        return in_camel(shown) if by_alias else shown


class OfPydantic(SimpleNamespace):
    def model_dump(self):
        return dict(vars(self))


class OfOldPydantic(SimpleNamespace):
    def dict(self):
        return dict(vars(self))


def objects_of(kind, value):
    if isinstance(value, dict):
        return kind(**{key: objects_of(kind, below) for key, below in value.items()})
    return [objects_of(kind, below) for below in value] if isinstance(value, list) else value


def dumped(entry):
    """As ``dict()`` of Lightly's models gives it: every key of every type, most of them None."""
    every = {"input": names(INPUTS), "strategy": names(STRATEGIES) - {"queries"}}
    return {part: {**dict.fromkeys(every[part]), **entry[part]} for part in entry}


FORMS = {
    "camel": in_camel(NORMAL),
    "version 2": {**NORMAL, "version": 2},
    "version V4": {**NORMAL, "version": "V4", "auto_tasks": []},
    "not set": {**NORMAL, "proportion_samples": None},
    "tuple": {**NORMAL, "strategies": tuple(NORMAL["strategies"])},
    "dumped": {**NORMAL, "strategies": [dumped(entry) for entry in NORMAL["strategies"]]},
    "Lightly's objects": objects_of(OfLightly, NORMAL),
    "their camel": OfLightly(**NORMAL).to_dict(by_alias=True),
    "pydantic": objects_of(OfPydantic, NORMAL),
    "old pydantic": objects_of(OfOldPydantic, NORMAL),
    "objects below": {**NORMAL, "strategies": [objects_of(OfLightly, e) for e in NORMAL["strategies"]]},
    "worker": {"selection_config": NORMAL},
    "job": {"worker_config": {"upload_report": True}, "selection_config": NORMAL, "lightly_config": {}},
    "camel job": in_camel({"worker_config": {}, "selection_config": NORMAL, "lightly_config": {"trainer": {"max_epochs": 3}}}),
    "V4": {"workerType": "FULL", "docker": {"numProcesses": 4}, "lightly": {}, "selection": in_camel(NORMAL)},
    "created V4": {"version": "V4", "creator": "USER_PIP", "config": {"worker_type": "FULL", "docker": {}, "selection": NORMAL}},
    "nested": {"worker_config": {"docker": {"num_processes": 4}}, "selection_config": NORMAL},
    "an object in a job": {"worker_config": None, "selection_config": objects_of(OfLightly, NORMAL)},
}  # fmt: skip


def test_the_plain_form_compiles_to_this():
    entropy = '"objects"."uncertainty_entropy"'
    count = 'len(list_filter(("objects")."objects", lambda found: (found).category_id IN (5)))'
    assert items(compiled(NORMAL)) == [
        'DIVERSITY("embedding", min_distance := 0.1)',
        f"WEIGHTS({entropy}, target_range := [1, 3], strength := 2.0)",
        f"THRESHOLD({count} >= 1)",
        'TYPICALITY("embedding", neighbors := 7, min_typicality := 0.25)',
    ]


@pytest.mark.parametrize("form", FORMS)
def test_all_forms_mean_the_same(form):
    assert compiled(FORMS[form]) == compiled(NORMAL)


def test_enumerations_and_numpy_numbers_are_plain_values():
    strategy = {"type": Kind.DIVERSITY, "strength": np.float64(2)}
    strategy["stopping_condition_minimum_distance"] = np.float32(0.25)
    data = {"n_samples": np.int64(5), "strategies": [{"input": {"type": Kind.EMBEDDINGS}, "strategy": strategy}]}  # fmt: skip
    text = compiled(data)
    assert items(text) == ['DIVERSITY("embedding", min_distance := 0.25, strength := 2.0)']
    assert text.endswith("LIMIT 5")


def test_queries_may_be_an_array():
    queries = np.array([[0.5, 0], [1, 2]], np.float32)
    entry = {"input": EMBEDDINGS, "strategy": {"type": "SIMILARITY", "queries": queries}}
    assert items(compiled({"n_samples": 1, "strategies": [entry]})) == [
        'SIMILARITY("embedding", query := [[0.5, 0.0], [1.0, 2.0]])'
    ]


def test_what_holds_itself_is_refused():
    endless = OfPydantic(strategies=[])
    endless.strategies.append(endless)
    assert problems(endless) == ["the configuration is nested deeper than 32 levels"]


# jobs


@pytest.mark.parametrize(
    ("worker", "lightly", "expected"),
    [
        ({}, {}, Worker()),
        ({"relevant_filenames_file": "", "embeddings": ""}, {}, Worker()),
        ({"relevant_filenames_file": "a.txt", "embeddings": "b.csv"}, {}, Worker("a.txt", None, "b.csv")),
        ({"selectedSequenceLength": 3, "useDatapool": True}, {"seed": 7}, Worker(selected_sequence_length=3, use_datapool=True, seed=7)),
        ({"selected_sequence_length": 1, "normalize_embeddings": False}, {}, Worker(normalize_embeddings=False)),
        ({"object_level": {"task_name": "objects", "padding": 0.1}, "pretagging": True}, {}, Worker(object_level_task="objects", pretagging=True)),
        ({"object_level": {"task_name": ""}}, {}, Worker()),
        ({"docker": {"embeddings": "b.csv"}}, None, Worker(embeddings="b.csv")),
    ],
)  # fmt: skip
def test_what_the_worker_is_told(worker, lightly, expected):
    data = {"worker_config": worker, "selection_config": SMALL, "lightly_config": lightly}
    assert SelectionConfig.from_dict(data).worker == expected


@pytest.mark.parametrize(
    ("job", "message"),
    [
        ({"worker_config": {"normalize_embeddings": 1}}, "worker_config.normalize_embeddings: must be true or false, got 1"),
        ({"workerConfig": {"selectedSequenceLength": 0}}, "workerConfig.selectedSequenceLength: must be at least 1, got 0"),
        ({"worker_config": {"selected_sequence_length": 4}}, "selection_config.n_samples: must be a multiple of selected_sequence_length (4), got 6"),
        ({"worker_config": {"embeddings": 4}}, "worker_config.embeddings: must be a text, got 4"),
        ({"worker_config": {"object_level": {"task_name": "a b"}}}, "worker_config.object_level.task_name: 'a b' may only contain letters, digits and _+=,.@:/-"),
        ({"worker_config": {"object_level": {"task_name": "a", "taskName": "b"}}}, "worker_config.object_level: 'task_name' and 'taskName' are the same key"),
        ({"worker_config": {"object_level": 3}}, "worker_config.object_level: must be an object, got 3"),
        ({"worker_config": []}, "worker_config: must be an object, got a list"),
        ({"worker_config": {}, "docker": {}}, "'worker_config' and 'docker' are the same part; give one"),
        ({"worker_config": {}, "workerConfig": {}}, "'worker_config' and 'workerConfig' are the same key"),
        ({"worker_config": {"useDatapool": True, "use_datapool": True}}, "worker_config: 'use_datapool' and 'useDatapool' are the same key"),
        ({"worker_config": {"docker": {}, "method": "coreset"}}, "worker_config.method: must stand with the other options"),
        ({"lightly_config": {"seed": -1}}, "lightly_config.seed: must be at least 0, got -1"),
        ({"selection_config": {**SMALL, "nsamples": 3}}, "selection_config: unknown key 'nsamples'. Did you mean 'n_samples'?"),
        ({"selection_config": {**SMALL, "strategies": [{**DIVERSE, "input": 3}]}}, "selection_config.strategies[0].input: must be an object, got 3"),
        ({"selection_config": None}, "needs 'selection_config'"),
        ({"n_samples": 5}, "'n_samples' belongs in 'selection_config'"),
        ({"selection_config": 5}, "selection_config: must be an object, got 5"),
    ],
)  # fmt: skip
def test_jobs_that_are_refused(job, message):
    assert problems({"selection_config": SMALL, **job}) == [message]


def test_options_without_effect_are_listed_in_one_remark():
    worker = {
        "num_processes": 4,
        "use_datapool": False,
        "object_level": {"task_name": "", "padding": 0.1},
        "upload_report": None,
    }
    data = {"worker_config": worker, "selection_config": SMALL, "lightly_config": {"trainer": {}}}
    assert hints(SelectionConfig.from_dict(data)) == (
        "no effect here: worker_config.num_processes, worker_config.object_level.padding, lightly_config.trainer",
    )


def test_an_option_without_effect_is_listed_once_and_only_where_it_is_set():
    worker = {"objectLevel": {"bogus": 1, "padding": None, "cropDatasetName": "c", "taskName": "t"}}
    data = {"worker_config": worker, "selection_config": SMALL}
    assert hints(SelectionConfig.from_dict(data)) == (
        "no effect here: worker_config.objectLevel.cropDatasetName, worker_config.objectLevel.bogus",
    )


def test_the_seed_of_a_job_is_used_unless_the_caller_has_one():
    data = {"selection_config": SMALL, "lightly_config": {"seed": 7}}
    assert 'key := "sample_id", seed := 7\n' in compiled(data)
    assert 'key := "sample_id", seed := 3\n' in compiled(data, seed=3)


def test_vectors_that_are_not_to_be_normalized():
    far = {"type": "DIVERSITY", "stopping_condition_minimum_distance": 30}
    entries = [
        {"input": EMBEDDINGS, "strategy": far},
        {"input": EMBEDDINGS, "strategy": {"type": "TYPICALITY"}},
        {"input": EMBEDDINGS, "strategy": {"type": "SIMILARITY", "queries": [[1, 2]]}},
        {"input": {"type": "METADATA", "key": "hour"}, "strategy": {"type": "WEIGHTS"}},
    ]
    selection = {"n_samples": 5, "strategies": entries}
    data = {"worker_config": {"normalize_embeddings": False}, "selection_config": selection}
    assert items(compiled(data)) == [
        'DIVERSITY("embedding", min_distance := 30.0, normalize := false)',
        'TYPICALITY("embedding", neighbors := 20, normalize := false)',
        'SIMILARITY("embedding", query := [[1.0, 2.0]], normalize := false)',
        'WEIGHTS("hour")',
    ]
    assert hints(SelectionConfig.from_dict(data)) == ()  # a distance of 30 is no mistake there


# LightlyStudio

COUNTS = (
    'CASE WHEN ("objects")."objects" IS NOT NULL THEN '
    'list_transform([0, 5], lambda category: len(list_filter(("objects")."objects", '
    "lambda found: (found).category_id = category))) END"
)


def studio(*entries, **top):
    return {"n_samples_to_select": 5, "strategies": list(entries), **top}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"strategy_name": "diversity"}, 'DIVERSITY("embedding")'),
        ({"strategy_name": "diversity", "embedding_model_name": "embedding", "strength": 2}, 'DIVERSITY("embedding", strength := 2.0)'),
        ({"strategy_name": "deduplication", "stopping_condition_minimum_distance": 0.1}, 'DIVERSITY("embedding", min_distance := 0.1)'),
        ({"strategy_name": "similarity", "query_tag_name": "good", "strength": -1}, 'SIMILARITY("embedding", query := (SELECT "embedding" FROM t WHERE "good"), strength := -1.0)'),
        ({"strategy_name": "similarity", "query_tag_name": "my tag"}, 'SIMILARITY("embedding", query := (SELECT "embedding" FROM t WHERE (sample_id IN (1, 2))))'),
        ({"strategy_name": "weights", "metadata_key": "hour"}, 'WEIGHTS("hour")'),
        ({"strategy_name": "metadata_balance", "metadata_key": "hour", "target_distribution": {"1": 0.5}}, """BALANCE("hour", MAP {'1': 0.5})"""),
        ({"strategy_name": "metadata_balance", "metadata_key": "hour", "target_distribution": "input"}, """BALANCE("hour", 'input')"""),
        ({"strategy_name": "balance", "target_distribution": {"person": 1}}, f"BALANCE({COUNTS}, MAP {{'person': 1.0}}, classes := ['car', 'person'])"),
        ({"strategy_name": "balance", "target_distribution": "uniform", "annotation_source_id": "objects"}, f"BALANCE({COUNTS}, 'uniform', classes := ['car', 'person'])"),
        ({"strategy_name": "subpart_diversity"}, 'DIVERSITY("objects"."embeddings")'),
        ({"strategy_name": "subpart_diversity", "annotation_source_id": "objects", "strength": 3}, 'DIVERSITY("objects"."embeddings", strength := 3.0)'),
    ],
)  # fmt: skip
def test_entries_of_lightly_studio(entry, expected):
    tags = {"my tag": "sample_id IN (1, 2)"}
    assert items(compiled(studio(entry), tags=tags)) == [expected]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"strategy_name": "Diversity"}, "strategies[0].strategy_name: unknown strategy_name 'Diversity'. Did you mean 'diversity'?"),
        ({"strategy_name": "deduplication"}, "strategies[0]: needs 'stopping_condition_minimum_distance': a number of at least 0"),
        ({"strategy_name": "deduplication", "stopping_condition_minimum_distance": -1}, "strategies[0].stopping_condition_minimum_distance: must be at least 0, got -1"),
        ({"strategy_name": "similarity"}, "strategies[0]: needs 'query_tag_name', e.g. 'good examples'"),
        ({"strategy_name": "weights"}, "strategies[0]: needs 'metadata_key', e.g. 'temperature'"),
        ({"strategy_name": "weights", "metadata_key": "hour", "strength": "1"}, 'strategies[0].strength: must be a finite number, got "1" (text)'),
        ({"strategy_name": "balance"}, "strategies[0]: needs 'target_distribution': an object of class: share, or 'uniform' or 'input'"),
        ({"strategy_name": "balance", "target_distribution": "UNIFORM"}, "strategies[0].target_distribution: must be an object of class: share, or 'uniform' or 'input', got \"UNIFORM\" (text)"),
        ({"strategy_name": "balance", "target_distribution": {"car": -1}}, "strategies[0].target_distribution: target of 'car' must be a number of at least 0, got -1"),
        ({"strategy_name": "diversity", "metadata_key": "hour"}, "strategies[0]: 'metadata_key' belongs to weights and metadata_balance, not to diversity"),
        ({"strategy_name": "diversity", "model": "clip"}, "strategies[0]: unknown key 'model'. Did you mean 'embedding_model_name'?"),
    ],
)  # fmt: skip
def test_bad_entries_of_lightly_studio(entry, message):
    assert problems(studio(entry)) == [message]


@pytest.mark.parametrize(
    ("top", "message"),
    [
        ({"n_samples_to_select": 0}, "n_samples_to_select: must be a positive integer (or -1: not set), got 0"),
        ({"n_samples": 5}, "'n_samples' and 'n_samples_to_select' are the same key"),
        ({"selected_sequence_length": 1}, "selected_sequence_length: must be at least 2, got 1"),
        ({"selected_sequence_length": 2}, "n_samples_to_select: must be a multiple of selected_sequence_length (2), got 5"),
        ({"sampling_result_tag_name": 3}, "sampling_result_tag_name: must be a text, got 3"),
        ({"strategies": [{"strategy_name": "diversity"}, DIVERSE]}, "strategies: a list holds entries of Lightly ('input' and 'strategy') or of LightlyStudio ('strategy_name'), not both"),
    ],
)  # fmt: skip
def test_bad_envelopes_of_lightly_studio(top, message):
    assert problems(studio({"strategy_name": "diversity"}, **top)) == [message]


def test_keys_of_lightly_studio_are_unknown_beside_entries_of_lightly():
    assert problems({"strategies": [DIVERSE], "n_samples_to_select": 5}) == [
        "unknown key 'n_samples_to_select'. Did you mean 'n_samples'?",
        "give n_samples or proportion_samples",
    ]


def test_the_envelope_of_lightly_studio():
    data = studio(
        {"strategy_name": "diversity"},
        n_samples_to_select=6,
        collection_id="c0ffee",
        sampling_result_tag_name="round 2",
        preselected_tag_name="good",
        selected_sequence_length=3,
    )
    config = SelectionConfig.from_dict(data)
    assert (config.n_samples, config.tag, config.preselected_tag) == (6, "round 2", "good")
    assert config.worker == Worker(selected_sequence_length=3)
    assert 'key := "sample_id", preselected := "good"\nLIMIT 6' in compiled(data)
    tagged = compiled(data, tags={"good": "rating > 3"})
    assert 'key := "sample_id", preselected := (rating > 3)\n' in tagged
    assert 'preselected := "good"' in compiled(data, preselected="good", tags={"good": "rating > 3"})  # fmt: skip


def test_a_job_may_hold_a_selection_of_lightly_studio():
    data = {"selection_config": studio({"strategy_name": "diversity"}), "worker_config": {}}
    assert items(compiled(data)) == ['DIVERSITY("embedding")']


def test_what_the_data_lacks_is_told_with_the_place_in_the_job():
    entry = {
        "input": {"type": "METADATA", "key": "file_name"},
        "strategy": {"type": "WEIGHTS"},
    }
    with pytest.raises(ConfigError) as caught:
        compiled({"selectionConfig": {"n_samples": 5, "strategies": [entry]}})
    assert str(caught.value) == (
        "selectionConfig.strategies[0].input.key: file_name is text; WEIGHTS needs a number"
    )


@pytest.mark.parametrize(
    ("job", "remarks"),
    [
        ({"worker_config": {"pretagging_debug": False, "scorer": "object-frequency", "active_learning": {"task_name": "", "score_name": "x"}}}, ("no effect here: worker_config.pretagging_debug, worker_config.scorer, worker_config.active_learning",)),
        ({"worker_config": {"of_another_version": {"a": 1}}}, ("no effect here: worker_config.of_another_version",)),
        ({"worker_config": {"embedings": "a"}}, ("worker_config.embedings: no such option. Did you mean 'embeddings'?", "no effect here: worker_config.embedings")),
        ({"worker_config": {"datasource": {"process_al": True}}}, ("worker_config.datasource.process_al: no such option. Did you mean 'process_all'?", "no effect here: worker_config.datasource, worker_config.datasource.process_al")),
        ({"lightly_config": {"knn": 4}}, ("no effect here: lightly_config.knn",)),
        ({"organisation": 5}, ("no effect here: organisation",)),
    ],
)  # fmt: skip
def test_options_of_other_versions_of_the_worker_are_notes(job, remarks):
    assert hints(SelectionConfig.from_dict({"selection_config": SMALL, **job})) == remarks


STUDIO_LIST = [{"strategy_name": "diversity"}]


def test_a_bare_list_of_strategies_is_a_configuration_without_a_budget():
    for entries in (STUDIO_LIST, [DIVERSE]):
        config = SelectionConfig.from_dict(entries)
        assert (config.n_samples, config.proportion_samples) == (None, None)
        assert len(config.strategies) == 1


@pytest.mark.parametrize(
    ("budget", "read"),
    [
        ({"n_samples": 5, "proportion_samples": 0}, (5, None)),
        ({"n_samples": 5, "proportion_samples": 0.0}, (5, None)),
        ({"n_samples": 5, "proportion_samples": None}, (5, None)),
        ({"n_samples": 0, "proportion_samples": 0.5}, (None, 0.5)),
        ({"n_samples": -1, "proportion_samples": 0.5}, (None, 0.5)),
    ],
)
def test_a_zero_beside_the_other_budget_is_none(budget, read):
    config = SelectionConfig.from_dict({"strategies": [DIVERSE], **budget})
    assert (config.n_samples, config.proportion_samples) == read


@pytest.mark.parametrize("budget", [{"n_samples": 0}, {"proportion_samples": 0}, {"n_samples": 0, "proportion_samples": 0}, {"n_samples": 5, "proportion_samples": False}])  # fmt: skip
def test_a_zero_alone_is_no_budget(budget):
    with pytest.raises(ConfigError):
        SelectionConfig.from_dict({"strategies": [DIVERSE], **budget})
