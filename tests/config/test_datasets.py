"""What a configuration compiles to where the data is a dataset: tasks, tags, query sets, paths."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import functools

import duckdb
import pytest
from config.relations import columns, without_place
from config.test_forms import DATASET, OBJECTS, TASKS
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlsel.config import QuerySet, SelectionConfig, Task, compile_statement
from sqlsel.config.vocabulary import (
    ACCEPTED,
    AUTO_TASKS,
    INPUTS,
    STRATEGIES,
    STUDIO,
    STUDIO_TOP,
    TARGET_RANGE,
    TOP,
    names,
)
from sqlsel.config.worker_options import JOB, WORKER
from sqlsel.errors import CatalogError, ConfigError
from tests import effort

TYPES = {
    **DATASET,
    "found": "INTEGER",  # named like what the SQL calls an object
    "category": "INTEGER",
    "rows": "STRUCT(width INTEGER, cells STRUCT(name VARCHAR)[], pair INTEGER[2])[]",
    "raw": "JSON",
    "more": "STRUCT(raw JSON, tags MAP(VARCHAR, INTEGER))",
    "tiles": "STRUCT(embeddings FLOAT[8][])",
    "bare": "STRUCT(objects INTEGER[], uncertainty_margin DOUBLE, embeddings VARCHAR)",
}
WEIGHTS = {"type": "WEIGHTS"}
BALANCED = {"type": "BALANCE", "distribution": "UNIFORM"}
DIVERSITY = {"type": "DIVERSITY"}
SIMILARITY = {"type": "SIMILARITY"}


@pytest.fixture(scope="module")
def types():
    return columns(TYPES)


def key(name):
    return {"type": "METADATA", "key": name}


def count(*categories, task="objects"):
    return {
        "type": "PREDICTIONS",
        "task": task,
        "name": "CATEGORY_COUNT",
        "categories": list(categories),
    }


def item(source, strategy, types, *, tasks=TASKS, top=None, **known):
    """The first item of the statement with one entry."""
    data = {"n_samples": 5, "strategies": [{"input": source, "strategy": strategy}], **(top or {})}
    text = compile_statement(
        SelectionConfig.from_dict(data),
        source="t",
        columns=types,
        key="sample_id",
        tasks=tasks,
        **known,
    )
    return text.split("USING STRATEGY ")[1].split(",\n")[0]


@pytest.mark.parametrize(
    ("source", "strategy", "expected"),
    [
        ({"type": "EMBEDDINGS", "task": "objects"}, DIVERSITY, 'DIVERSITY("objects"."embeddings")'),
        ({"type": "EMBEDDINGS", "task": "tiles"}, {"type": "TYPICALITY"}, 'TYPICALITY("tiles"."embeddings", neighbors := 20)'),
        (count("person"), WEIGHTS, 'WEIGHTS(len(list_filter(("objects")."objects", lambda found: (found).category_id IN (5))))'),
        (count("car", "person"), {**WEIGHTS, "stopping_condition_max_sum": 40}, 'WEIGHTS(len(list_filter(("objects")."objects", lambda found: (found).category_id IN (0, 5))), max_sum := 40)'),
        (key("hour"), {**WEIGHTS, "target_range": {"min_sum": 1}}, 'WEIGHTS("hour", target_range := [1, 1e+300])'),
        (key("hour"), {**WEIGHTS, "target_range": {"max_sum": 1.5}, "strength": 2}, 'WEIGHTS("hour", target_range := [0, 1.5], strength := 2.0)'),
        ({"type": "RANDOM"}, {**WEIGHTS, "stopping_condition_max_sum": 4}, """WEIGHTS((md5_number_upper(concat(0, ':', "sample_id")) >> 11) / pow(2, 53), max_sum := 4)"""),
        ({"type": "PREDICTIONS", "task": "weather", "name": "CLASS_DISTRIBUTION"}, {"type": "BALANCE", "target": {"rain": 0.5}}, """BALANCE("weather"."class_distribution", MAP {'rain': 0.5}, classes := ['sunny', 'rain'])"""),
        ({"type": "SCORES", "task": "objects", "score": "uncertainty_entropy"}, WEIGHTS, 'WEIGHTS("objects"."uncertainty_entropy")'),
    ],
)  # fmt: skip
def test_tasks(types, source, strategy, expected):
    assert item(source, strategy, types) == expected


@pytest.mark.parametrize(
    ("source", "strategy", "error", "message"),
    [
        (count("persn"), WEIGHTS, ConfigError, "strategies[0].input.categories: class 'persn' is not a class of task 'objects' (car, person). Did you mean 'person'?"),
        (count("car", task="object"), WEIGHTS, CatalogError, "unknown task 'object'. Did you mean 'objects'? Known: bare, objects, tiles, weather. A task is a struct column of that name."),
        (count("rain", task="weather"), WEIGHTS, CatalogError, "task 'weather' has no objects to count; it has class_distribution"),
        (count("car", task="bare"), WEIGHTS, CatalogError, "task 'bare': bare.objects is INTEGER[]; it must be a list of structs with category_id"),
        ({"type": "EMBEDDINGS", "task": "weather"}, DIVERSITY, CatalogError, "task 'weather' has no field 'embeddings' with the vectors of its objects; it has class_distribution"),
        ({"type": "EMBEDDINGS", "task": "bare"}, DIVERSITY, CatalogError, "task 'bare': bare.embeddings is text; it must hold vectors (FLOAT[][])"),
        ({"type": "PREDICTIONS", "task": "weather", "name": "CLASS_DISTRIBUTION"}, {"type": "BALANCE", "target": {"rainy": 0.5}}, ConfigError, "strategies[0].strategy.target: class 'rainy' is not a class of task 'weather' (sunny, rain). Did you mean 'rain'?"),
    ],
)  # fmt: skip
def test_tasks_that_are_not_as_asked(types, source, strategy, error, message):
    with pytest.raises(error) as caught:
        item(source, strategy, types)
    assert without_place(caught.value) == message


def test_categories_are_not_known_without_a_schema(types):
    message = "the classes of task 'objects' are not known: its objects hold category ids only"
    with pytest.raises(CatalogError, match=message):
        item(count("car"), WEIGHTS, types, tasks={})


def studio(types, entry, tasks=TASKS):
    data = {"n_samples_to_select": 5, "strategies": [entry]}
    config = SelectionConfig.from_dict(data)
    return compile_statement(config, source="t", columns=types, key=None, tasks=tasks)


@pytest.mark.parametrize(
    ("entry", "error", "message"),
    [
        ({"strategy_name": "balance", "target_distribution": {"cars": 1}}, CatalogError, "several tasks have objects: bare, objects; name one (annotation_source_id)"),
        ({"strategy_name": "balance", "annotation_source_id": "objects", "target_distribution": {"cars": 1}}, ConfigError, "strategies[0].target_distribution: class 'cars' is not a class of task 'objects' (car, person). Did you mean 'car'?"),
        ({"strategy_name": "metadata_balance", "metadata_key": "embedding", "target_distribution": "input"}, ConfigError, "strategies[0].metadata_key: embedding is an array; BALANCE needs a category: a text, an integer or a boolean"),
        ({"strategy_name": "weights", "metadata_key": "file_name"}, ConfigError, "strategies[0].metadata_key: file_name is text; WEIGHTS needs a number"),
        ({"strategy_name": "diversity", "embedding_model_name": "clip"}, CatalogError, "unknown embedding column 'clip'. Known: embedding."),
        ({"strategy_name": "subpart_diversity", "annotation_source_id": "objects", "embedding_model_name": "clip"}, CatalogError, "task 'objects' has no field 'clip' with the vectors of its objects; it has objects, class_distribution, embeddings, uncertainty_entropy"),
        ({"strategy_name": "similarity", "query_tag_name": "goood"}, CatalogError, "the data: unknown tag 'goood'. Did you mean 'good'? Known: good, initial-tag. A tag is a boolean column."),
    ],
)  # fmt: skip
def test_lightly_studio_asks_for_what_the_data_lacks(types, entry, error, message):
    with pytest.raises(error) as caught:
        studio(types, entry)
    assert without_place(caught.value) == message


def rows_of(con, expression):
    return [value for (value,) in con.execute(f"SELECT {expression} FROM t ORDER BY i").fetchall()]


@pytest.fixture(scope="module")
def con():
    con = duckdb.connect()
    con.execute(f"""
        CREATE TABLE t AS SELECT i, 9 AS found, 8 AS category, 'cam' || i || '/20240' || i || '/a.png' AS file_name,
            struct_pack(objects := CAST(list_transform(ids, lambda id: struct_pack(category_id := id, score := 1, bbox := NULL, probabilities := NULL)) AS {OBJECTS})) AS objects,
            [{{'width': i, 'cells': [{{'name': 'a'}}, {{'name': 'b' || i}}], 'pair': [1, i]}}] AS rows
        FROM (VALUES (1, [0, 5, 5]), (2, []), (3, NULL), (4, [7, 5])) v(i, ids)
    """)
    return con


def test_categories_are_counted(types, con):
    expression = item(count("person"), WEIGHTS, types).removeprefix("WEIGHTS(").removesuffix(")")
    assert rows_of(con, expression) == [2, 0, None, 1]
    text = studio(types, {"strategy_name": "balance", "target_distribution": "uniform", "annotation_source_id": "objects"})  # fmt: skip
    counts = text.split("BALANCE(")[1].split(", 'uniform'")[0]
    assert rows_of(con, counts) == [[1, 2], [0, 0], None, [0, 1]]


@pytest.mark.parametrize(
    ("path", "expected", "values"),
    [
        ("rows[0].width", '"rows"[1]."width"', [1, 2, 3, 4]),
        ("rows[1].width", '"rows"[2]."width"', [None] * 4),
        ("rows[0].pair[1]", '"rows"[1]."pair"[2]', [1, 2, 3, 4]),
        ("rows[0].cells[1].name", '"rows"[1]."cells"[2]."name"', ["b1", "b2", "b3", "b4"]),
    ],
)
def test_paths_go_through_lists(types, con, path, expected, values):
    assert item(key(path), BALANCED, types) == f"BALANCE({expected}, 'uniform')"
    assert rows_of(con, expected) == values


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("raw.x", "metadata key 'raw.x': raw is JSON, of which the keys and types are not known before it is read; store it as a STRUCT, e.g. with from_json()"),
        ("raw[0]", "metadata key 'raw[0]': raw is JSON, of which"),
        ("more.raw.$.x", "metadata key 'more.raw.$.x': more.raw is JSON, of which"),
        ("more.tags.x", "metadata key 'more.tags.x': more.tags is MAP(VARCHAR, INTEGER), of which"),
        ("rows.width", "unknown metadata key 'rows.width'."),
        ("rows[-1].width", "unknown metadata key 'rows[-1].width'."),
        ("rows[].width", "unknown metadata key 'rows[].width'."),
        ("hour[0]", "unknown metadata key 'hour[0]'. Did you mean 'hour'?"),
    ],
)  # fmt: skip
def test_paths_that_lead_nowhere(types, path, message):
    with pytest.raises(CatalogError) as caught:
        item(key(path), WEIGHTS, types)
    assert without_place(caught.value).startswith(message)


def test_a_column_may_be_named_like_a_path_through_a_list(types):
    both = {**types, "rows[0].width": types["hour"]}
    with pytest.raises(CatalogError, match="names more than one place"):
        item(key("rows[0].width"), WEIGHTS, both)


# parts of file names


@pytest.mark.parametrize(
    ("pattern", "path", "values"),
    [
        (r"^(?P<camera>[^/]+)/(?P<month>\d{6})", "camera", ["cam1", "cam2", "cam3", "cam4"]),
        (r"^(?<camera>[^/]+)/(?<month>\d{6})", "month", ["202401", "202402", "202403", "202404"]),
        (r"^(?:cam)(([12]))/(?P<day>.*)/", "day", ["202401", "202402", None, None]),
        (r"[(](?P<never>a)", "never", [None] * 4),
        (r"\((?P<never>a)|(?i)CAM(?P<number>\d)", "number", ["1", "2", "3", "4"]),
        (r"(?P<quote>[^']{3})", "quote", ["cam"] * 4),
    ],
)
def test_parts_of_the_file_name_are_keys(types, con, pattern, path, values):
    text = item(key(f"lightly_path.{path}"), BALANCED, types, top={"lightly_path_regex": pattern})
    expression = text.removeprefix("BALANCE(").removesuffix(", 'uniform')")
    assert expression.startswith('nullif(regexp_extract("file_name", ')
    assert rows_of(con, expression) == values


def test_parts_of_the_file_name_that_do_not_exist(types):
    top = {"lightlyPathRegex": "(?P<camera>.*)"}
    with pytest.raises(CatalogError) as caught:
        item(key("lightly_path.kamera"), BALANCED, types, top=top)
    assert without_place(caught.value).startswith(
        "unknown metadata key 'lightly_path.kamera'. Did you mean 'lightly_path.camera'?"
    )
    with pytest.raises(CatalogError, match="needs a column file_name with the names as text"):
        item(key("lightly_path.camera"), BALANCED, columns({"sample_id": "VARCHAR"}), top=top)
    own = columns({**TYPES, "lightly_path": "STRUCT(camera VARCHAR)"})
    with pytest.raises(CatalogError, match="and a group of lightly_path_regex; rename one of them"):
        item(key("lightly_path.camera"), BALANCED, own, top=top)
    with pytest.raises(ConfigError, match="is text; WEIGHTS needs a number"):
        item(key("lightly_path.camera"), WEIGHTS, types, top=top)


# tasks that Lightly would have made


def test_auto_tasks_need_their_vectors(types):
    tiles = {"type": "TILING", "name": "tiles", "num_rows": 2, "num_cols": 2, "overlap": 0.1}
    source = {"type": "EMBEDDINGS", "task": "tiles"}
    assert item(source, DIVERSITY, types, top={"auto_tasks": [tiles]}) == 'DIVERSITY("tiles"."embeddings")'  # fmt: skip
    crop = {"type": "CROP", "name": "middle", "bboxs": [[0.25, 0.25, 0.5, 0.5]]}
    with pytest.raises(CatalogError) as caught:
        item(source, DIVERSITY, types, top={"auto_tasks": [tiles, crop]})
    assert without_place(caught.value).startswith(
        "auto task 'middle' (CROP) has no embeddings in the data: "
    )


def test_pretagging_needs_its_task(types):
    job = {
        "worker_config": {"pretagging": True},
        "selection_config": {
            "n_samples": 5,
            "strategies": [{"input": {"type": "EMBEDDINGS"}, "strategy": DIVERSITY}],
        },
    }
    config = SelectionConfig.from_dict(job)
    with pytest.raises(CatalogError, match="task 'lightly_pretagging' is not in the data"):
        compile_statement(config, source="t", columns=types, key=None)
    tagged = columns({**TYPES, "lightly_pretagging": "STRUCT(class_distribution DOUBLE[])"})
    assert "DIVERSITY" in compile_statement(config, source="t", columns=tagged, key=None)


# query sets


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"dataset_id": "wanted", "tag_name": "night"}, '"embedding" FROM w WHERE (sample_id IN (1, 2))'),
        ({"dataset_id": "wanted", "tag_name": "day time"}, '"embedding" FROM w WHERE (hour < 12)'),
        ({"datasetId": "0123456789abcdef01234567", "tagName": "good"}, '"embedding" FROM w WHERE "good"'),
        ({"dataset_id": "wanted", "tag_name": "night", "task": "objects"}, 'unnest("objects"."embeddings") FROM w WHERE (sample_id IN (1, 2))'),
        ({"dataset_id": "wanted", "tag_name": "initial-tag", "task": "tiles"}, '"embedding" FROM w'),
    ],
)  # fmt: skip
def test_tags_of_query_sets(types, source, expected):
    there = {name: kind for name, kind in TYPES.items() if name != "tiles"}
    found = QuerySet("w", columns({**there, "objects": "STRUCT(embeddings FLOAT[8][])", "night": "BOOLEAN"}), {"night": "sample_id IN (1, 2)", "day time": "hour < 12"})  # fmt: skip
    sets = {"wanted": found, "0123456789abcdef01234567": found}
    text = item({"type": "EMBEDDINGS", **source}, SIMILARITY, types, query_sets=sets)
    assert text.endswith(f", query := (SELECT {expected}))")


def test_unknown_tags_are_listed_with_those_of_the_catalogue(types):
    sets = {"wanted": QuerySet("w", types, {"night": "true"})}
    source = {"type": "EMBEDDINGS", "dataset_id": "wanted", "tag_name": "nigt"}
    with pytest.raises(CatalogError) as caught:
        item(source, SIMILARITY, types, query_sets=sets)
    assert without_place(caught.value) == "dataset 'wanted': unknown tag 'nigt'. Did you mean 'night'? Known: good, initial-tag, night."  # fmt: skip


# rows


def test_hidden_columns_are_not_shown():
    types = columns({"sample_id": "VARCHAR", "embedding": "FLOAT[8]", "rank": "INTEGER"})
    config = SelectionConfig.from_dict(
        {"n_samples": 5, "strategies": [{"input": {"type": "EMBEDDINGS"}, "strategy": DIVERSITY}]}
    )
    known = {"source": "t", "columns": types, "key": "sample_id"}
    text = compile_statement(config, hidden=["embedding", "not there"], **known)
    assert text.startswith('SELECT * EXCLUDE ("embedding", "rank"), selection_rank() AS rank, ')
    text = compile_statement(config, hidden=list(types), **known)
    assert text.startswith("SELECT selection_rank() AS rank, ")


# anything

WORDS = ("DIVERSITY", "uniform", "embedding", "objects", "hour", "good", "raw.x", "rows[0].width", "person", "(?P<a>b)")  # fmt: skip
KEYS = sorted({*TOP, *STUDIO_TOP, *JOB, *WORKER, *TARGET_RANGE, "input", "strategy", "type", "nSamples", "strategy_name", *names(INPUTS, STRATEGIES, STUDIO, AUTO_TASKS)})  # fmt: skip
values = st.recursive(
    st.sampled_from(WORDS) | st.none() | st.booleans() | st.integers(-2, 9) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
SOURCES = {
    "EMBEDDINGS": [{"type": "EMBEDDINGS"}, {"type": "EMBEDDINGS", "task": "objects"}, {"type": "EMBEDDINGS", "dataset_id": "wanted", "tag_name": "good"}],
    "SCORES": [{"type": "SCORES", "task": "objects", "score": "uncertainty_entropy"}],
    "METADATA": [key("hour"), key("good"), key("file_name"), key("rows[0].width"), key("lightly_path.a")],
    "PREDICTIONS (CATEGORY_COUNT)": [count("car"), count("rain", task="weather")],
    "PREDICTIONS (CLASS_DISTRIBUTION)": [{"type": "PREDICTIONS", "task": "weather", "name": "CLASS_DISTRIBUTION"}],
    "RANDOM": [{"type": "RANDOM", "random_seed": 3}],
}  # fmt: skip
GOALS = {
    "DIVERSITY": [DIVERSITY, {**DIVERSITY, "stopping_condition_minimum_distance": 0.5}],
    "WEIGHTS": [WEIGHTS, {**WEIGHTS, "target_range": {"min_sum": 1}, "strength": -1}],
    "THRESHOLD": [{"type": "THRESHOLD", "threshold": 1, "operation": "SMALLER"}],
    "BALANCE": [BALANCED, *({"type": "BALANCE", "target": {name: 0.5}} for name in ("rain", "true", "7"))],
    "SIMILARITY": [SIMILARITY, {**SIMILARITY, "queries": [[1, 2]]}],
    "TYPICALITY": [{"type": "TYPICALITY", "num_nearest_neighbors": 3}],
}  # fmt: skip
PAIRS = [
    {"input": source, "strategy": goal}
    for name, accepted in ACCEPTED.items()
    for goal in GOALS[name]
    for kind in accepted
    for source in SOURCES[kind]
]
OF_STUDIO = [
    {"strategy_name": "diversity", "embedding_model_name": "embedding"},
    {"strategy_name": "deduplication", "stopping_condition_minimum_distance": 0.5},
    {"strategy_name": "similarity", "query_tag_name": "good"},
    {"strategy_name": "weights", "metadata_key": "hour"},
    {"strategy_name": "balance", "target_distribution": {"car": 1}, "annotation_source_id": "objects"},
    {"strategy_name": "metadata_balance", "metadata_key": "good", "target_distribution": "uniform"},
    {"strategy_name": "subpart_diversity", "annotation_source_id": "objects"},
]  # fmt: skip


def spoilt(value, draw):
    """``value``, somewhere in which one thing may be another, or too much."""
    if isinstance(value, dict):
        where = draw(st.sampled_from([None, *value]) | st.sampled_from(KEYS))
        inside = spoilt(value[where], draw) if where in value and draw(st.booleans()) else None
        new = draw(values) if inside is None else inside
        return value if where is None else {**value, where: new}
    return [spoilt(below, draw) for below in value] if isinstance(value, list) else draw(values)


@st.composite
def configurations(draw):
    """Configurations that are right, and such with one fault or a few."""
    whole = {
        "n_samples": 5,
        "strategies": draw(
            st.lists(st.sampled_from(PAIRS), min_size=1, max_size=2)
            | st.lists(st.sampled_from(OF_STUDIO), min_size=1, max_size=2)
        ),
        "lightly_path_regex": "(?P<a>b)",
    }
    if draw(st.booleans()):
        whole = {"selection_config": whole, "worker_config": {"normalize_embeddings": False}}
    return spoilt(whole, draw) if draw(st.booleans()) else whole


@settings(deadline=None, max_examples=effort.cases(400))
@given(configurations() | values)
def test_any_json_compiles_or_is_refused(data):
    types = columns_once()
    sets = {"wanted": QuerySet("w", types)}
    try:
        text = compile_statement(
            SelectionConfig.from_dict(data),
            source="t",
            columns=types,
            key="sample_id",
            query_sets=sets,
            tasks={**TASKS, "bare": Task("bare", "classification", ())},
        )
    except (ConfigError, CatalogError) as error:
        text = str(error)
        assert text
    else:
        assert "\nUSING STRATEGY " in text
    assert "\0" not in text.replace("\\x00", "")


@functools.cache
def columns_once():
    return columns(TYPES)
