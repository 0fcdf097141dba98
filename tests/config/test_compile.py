"""What a configuration compiles to, and what it says of inputs that the data cannot give."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import itertools

import duckdb
import pytest
from config.relations import DIGITS, STREETS, columns, without_place

from sqlsel.config import QuerySet, SelectionConfig, Task, compile_statement
from sqlsel.errors import CatalogError, ConfigError

RANDOM = {"type": "RANDOM", "random_seed": 7}
EMBEDDINGS = {"type": "EMBEDDINGS"}
WEIGHTS = {"type": "WEIGHTS"}


@pytest.fixture(scope="module")
def streets():
    return columns(STREETS)


def key(name):
    return {"type": "METADATA", "key": name}


def score(task, name="uncertainty_entropy"):
    return {"type": "SCORES", "task": task, "score": name}


def rows(task):
    return {"type": "PREDICTIONS", "task": task, "name": "CLASS_DISTRIBUTION"}


def above(threshold, operation="BIGGER"):
    return {"type": "THRESHOLD", "threshold": threshold, "operation": operation}


def target(**shares):
    return {"type": "BALANCE", "target": shares}


def statement(entries, types, *, source='"images"', id_column="sample_id", budget=None, **known):
    entries = [{"input": source_of, "strategy": strategy} for source_of, strategy in entries]
    config = SelectionConfig.from_dict({**(budget or {"n_samples": 100}), "strategies": entries})
    return compile_statement(config, source=source, columns=types, key=id_column, **known)


def item(source_of, strategy, types, **known):
    """The first item of the statement with one entry."""
    text = statement([(source_of, strategy)], types, **known)
    return text.split("USING STRATEGY ")[1].split(",\n")[0].split("\nLIMIT")[0]


def test_a_whole_statement_is_laid_out_to_be_read(streets):
    entries = [
        (
            EMBEDDINGS,
            {"type": "DIVERSITY", "stopping_condition_minimum_distance": 0.2, "strength": 2},
        ),
        (score("my_object_detection_task"), WEIGHTS),
        (key("weather.description"), target(sunny=0.2, cloudy=0.4)),
        (key("lightly.sharpness"), above(20)),
    ]
    known = {"seed": 0, "preselected": "is_labelled", "n_counts": "total"}
    assert statement(
        entries, streets, source="'images.parquet'", budget={"proportion_samples": 0.145}, **known
    ) == (
        "SELECT *, selection_rank() AS rank, selection_gain() AS gain, selection_values() AS selection_values\n"
        "FROM 'images.parquet'\n"
        """USING STRATEGY DIVERSITY("embedding", min_distance := 0.2, strength := 2.0),\n"""
        """               WEIGHTS("my_object_detection_task"."uncertainty_entropy"),\n"""
        """               BALANCE("weather"."description", MAP {'sunny': 0.2, 'cloudy': 0.4}),\n"""
        """               THRESHOLD("lightly"."sharpness" > 20 AND NOT isnan("lightly"."sharpness")),\n"""
        """               key := "sample_id", preselected := "is_labelled", seed := 0, n_counts := 'total'\n"""
        "LIMIT 14.5%"
    )


def test_without_options_there_is_no_last_line_of_them(streets):
    text = statement([(EMBEDDINGS, {"type": "DIVERSITY"})], streets, id_column=None)
    assert text.endswith('USING STRATEGY DIVERSITY("embedding")\nLIMIT 100')


def test_the_strategies_may_stand_in_any_order(streets):
    entries = [
        (EMBEDDINGS, {"type": "DIVERSITY"}),
        (key("weather.hour"), WEIGHTS),
        (RANDOM, above(0.5)),
    ]
    texts = [statement(list(some), streets) for some in itertools.permutations(entries)]
    parts = {
        frozenset(part.strip(" ,") for part in text.replace("USING STRATEGY", "").split("\n"))
        for text in texts
    }
    assert len(parts) == 1


@pytest.mark.parametrize(
    ("budget", "limit"),
    [
        ({"n_samples": 1}, "1"),
        ({"n_samples": -1, "proportion_samples": 0.1}, "10%"),
        ({"proportion_samples": 1}, "100%"),
        ({"proportion_samples": 0.145}, "14.5%"),
        ({"proportion_samples": 0.07}, "7%"),
        ({"proportion_samples": 1e-05}, "0.001%"),
        ({"proportion_samples": 0.29}, "29%"),
    ],
)
def test_the_budget_is_a_limit_in_decimal(streets, budget, limit):
    assert statement([(EMBEDDINGS, {"type": "DIVERSITY"})], streets, budget=budget).endswith(
        f"\nLIMIT {limit}"
    )


RANDOM_NUMBER = """(md5_number_upper(concat(7, ':', "sample_id")) >> 11) / pow(2, 53)"""


@pytest.mark.parametrize(
    ("source_of", "strategy", "expected"),
    [
        (RANDOM, WEIGHTS, "RANDOM(seed := 7)"),
        ({"type": "RANDOM"}, {"type": "WEIGHTS", "strength": -1}, "RANDOM(strength := -1.0)"),
        (RANDOM, above(0.5, "SMALLER"), f"THRESHOLD({RANDOM_NUMBER} < 0.5)"),
        (key("camera.id"), WEIGHTS, 'WEIGHTS("camera.id")'),
        (key("weather.station.id"), WEIGHTS, 'WEIGHTS("weather"."station"."id")'),
        (key("weather.hour"), above(-5, "SMALLER_EQUAL"), 'THRESHOLD("weather"."hour" <= -5)'),
        (key("lightly.sizeInBytes"), above(2.5, "BIGGER_EQUAL"), 'THRESHOLD("lightly"."sizeInBytes" >= 2.5)'),
        (key("weather.rain"), target(True_=1), None),
        (key("weather.hour"), {"type": "BALANCE", "target": {"01": 1, "-2": 0.5}}, """BALANCE("weather"."hour", MAP {'1': 1.0, '-2': 0.5})"""),
        (key("weather.rain"), {"type": "BALANCE", "target": {"True": 0.3, "false": 0.7}}, """BALANCE("weather"."rain", MAP {'true': 0.3, 'false': 0.7})"""),
        (key("weather.description"), {"type": "BALANCE", "target": {"it's": 1}}, """BALANCE("weather"."description", MAP {'it''s': 1.0})"""),
        (key("weather.description"), {"type": "BALANCE", "distribution": "UNIFORM", "strength": 10}, """BALANCE("weather"."description", 'uniform', strength := 10.0)"""),
        (rows("my_classification_task"), {"type": "BALANCE", "distribution": "INPUT"}, """BALANCE("my_classification_task"."probabilities", 'input')"""),
        (rows("fixed"), {"type": "BALANCE", "target": {"0": 0.5}}, """BALANCE("fixed"."probabilities", MAP {'0': 0.5}, classes := ['0', '1', '2'])"""),
        (rows("counts"), {"type": "BALANCE", "target": {"any": 1}}, """BALANCE("counts"."class_distribution", MAP {'any': 1.0})"""),
        (score("my_segmentation_task"), WEIGHTS, 'WEIGHTS("my_segmentation_task.uncertainty_entropy")'),
        (score("fixed", "prediction-margin"), WEIGHTS, 'WEIGHTS("fixed"."objectness_least_confidence")'),
        (score("my_object_detection_task"), above(0.5), 'THRESHOLD("my_object_detection_task"."uncertainty_entropy" > 0.5 AND NOT isnan("my_object_detection_task"."uncertainty_entropy"))'),
    ],
)  # fmt: skip
def test_items(streets, source_of, strategy, expected):
    if expected is None:
        with pytest.raises(
            ConfigError,
            match=r"strategies\[0\]\.strategy\.target: 'True_' is no value of weather\.rain, which is true or false",
        ):
            item(source_of, strategy, streets)
    else:
        assert item(source_of, strategy, streets) == expected


def test_class_names_are_given_by_the_caller(streets):
    task = Task("my_classification_task", "classification", ((0, "cat"), (7, "it's")))
    known = {"tasks": {"my_classification_task": task}}
    assert item(
        rows("my_classification_task"), {"type": "BALANCE", "target": {"cat": 1}}, streets, **known
    ) == (
        """BALANCE("my_classification_task"."probabilities", MAP {'cat': 1.0}, classes := ['cat', 'it''s'])"""
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("uncertainty_least_confidence", [0.45, 0.2, 0, 1, 0, None]),
        ("uncertainty_margin", [0.5, 0.2, 0, 1, 0, None]),
        ("uncertainty_entropy", [0.7298466991620975, 0.4689955935892811, 0, 1, 0, None]),
    ],
)
@pytest.mark.parametrize("kind", ["DOUBLE[]", "FLOAT[]"])
def test_scores_are_computed_from_probabilities(name, expected, kind):
    con = duckdb.connect()
    types = columns({"sample_id": "INTEGER", "t": f"STRUCT(probabilities {kind})"})
    vectors = ["[0.7, 0.2, 0.1]", "[0.9]", "[1.0, 0.0]", "[0.5, 0.5]", "[]", "NULL"]
    expression = item(score("t", name), WEIGHTS, types).removeprefix("WEIGHTS(").removesuffix(")")
    values = [
        con.execute(
            f"SELECT {expression} FROM (SELECT struct_pack(probabilities := CAST({v} AS {kind})) AS t)"
        ).fetchone()[0]
        for v in vectors
    ]
    assert values[-1] is expected[-1]  # what is not known is not certain
    assert values[:-1] == pytest.approx(expected[:-1], abs=1e-6 if kind == "FLOAT[]" else 1e-12)
    assert "AND NOT isnan(coalesce(" in item(score("t", name), above(0.5), types)


def test_the_threshold_on_random_is_the_published_number():
    text = item(RANDOM, above(0), columns({"sample_id": "VARCHAR"}))
    number = text.removeprefix("THRESHOLD(").removesuffix(" > 0)")
    sql = f"SELECT {number} FROM (SELECT 'cam1/a.png' AS sample_id)"
    assert duckdb.connect().execute(sql).fetchone() == (0.5193550151672338,)


def test_a_table_named_like_a_struct_column_does_not_shadow_it():
    types = columns({"lightly": "STRUCT(sharpness DOUBLE)", "sharpness": "DOUBLE"})
    assert (
        item(key("lightly.sharpness"), WEIGHTS, types, id_column=None)
        == 'WEIGHTS(("lightly")."sharpness")'
    )


def test_columns_of_an_earlier_run_give_way():
    types = columns({"embedding": "FLOAT[]", "rank": "BIGINT", "Gain": "DOUBLE"})
    text = statement([(EMBEDDINGS, {"type": "DIVERSITY"})], types, id_column=None)
    assert text.startswith('SELECT * EXCLUDE ("rank", "Gain"), selection_rank() AS rank, ')


def test_hostile_names_stay_names():
    evil = "\"); DROP TABLE x; -- '$..*"
    types = columns({"a": "INTEGER"}) | {evil: duckdb.sqltype("DOUBLE")}
    quoted = '"' + evil.replace('"', '""') + '"'
    assert item(key(evil), WEIGHTS, types, id_column=None) == f"WEIGHTS({quoted})"


# query sets

QUERIES = {"sample_id": "VARCHAR", "embedding": "FLOAT[32]", "night": "BOOLEAN", "note": "VARCHAR"}


def similar(tag, dataset="wanted"):
    return {"type": "EMBEDDINGS", "dataset_id": dataset, "tag_name": tag}


@pytest.mark.parametrize(("tag", "where"), [("night", ' WHERE "night"'), ("initial-tag", "")])
def test_similarity_reads_the_tag_of_the_query_set(streets, tag, where):
    sets = {"wanted": QuerySet("'wanted.parquet'", columns(QUERIES))}
    text = item(similar(tag), {"type": "SIMILARITY", "strength": 2}, streets, query_sets=sets)
    query = f"""(SELECT "embedding" FROM 'wanted.parquet'{where})"""
    assert text == f'SIMILARITY("embedding", query := {query}, strength := 2.0)'


@pytest.mark.parametrize(
    ("source_of", "message"),
    [
        (similar("night", "wantd"), "unknown dataset 'wantd'. Did you mean 'wanted'? Known: wanted. Give it with --dataset wantd=FILE (datasets=)."),
        (similar("nigth"), "dataset 'wanted': unknown tag 'nigth'. Did you mean 'night'? Known: initial-tag, night. A tag is a boolean column."),
        (similar("note"), "tag 'note': the column of that name in dataset 'wanted' is text; a tag is a boolean column"),
    ],
)  # fmt: skip
def test_missing_query_sets(streets, source_of, message):
    sets = {"wanted": QuerySet("'wanted.parquet'", columns(QUERIES))}
    with pytest.raises(CatalogError) as caught:
        item(source_of, {"type": "SIMILARITY"}, streets, query_sets=sets)
    assert without_place(caught.value) == message


# embeddings


@pytest.mark.parametrize(
    ("types", "name", "expected"),
    [
        ({"embedding": "FLOAT[]", "other": "FLOAT[]"}, None, '"embedding"'),
        ({"clip": "FLOAT[4]", "x": "INTEGER"}, None, '"clip"'),
        ({"clip": "FLOAT[4]", "t.probabilities": "DOUBLE[]"}, None, '"clip"'),
        (
            {"embedding": "FLOAT[]", "model": "STRUCT(clip DOUBLE[])"},
            "model.clip",
            '"model"."clip"',
        ),
        ({"embedding": "FLOAT[4][]"}, None, '"embedding"'),
    ],
)
def test_the_embedding_is_found(types, name, expected):
    entries = [(EMBEDDINGS, {"type": "DIVERSITY"}), (score("t", "uncertainty_margin"), WEIGHTS)]
    types = columns({"t.probabilities": "DOUBLE[]", **types})
    assert f"DIVERSITY({expected})" in statement(entries, types, embedding=name, id_column=None)


@pytest.mark.parametrize(
    ("types", "name", "message"),
    [
        ({"a": "FLOAT[]", "b": "FLOAT[]"}, None, "the data has several vector columns: a, b; name the embedding column"),
        ({"a": "INTEGER"}, None, "the data has no vector column (FLOAT[]) for EMBEDDINGS. Known: a. sqlsel embed IMAGES --model FILE.onnx --db FILE makes vectors of images"),
        ({"embedding": "VARCHAR", "b": "FLOAT[]"}, None, "embedding column 'embedding' of the data is text; it must hold vectors (FLOAT[])"),
        ({"clip": "FLOAT[]"}, "clipp", "unknown embedding column 'clipp'. Did you mean 'clip'? Known: clip."),
    ],
)  # fmt: skip
def test_missing_embeddings(types, name, message):
    with pytest.raises(CatalogError) as caught:
        item(EMBEDDINGS, {"type": "DIVERSITY"}, columns(types), embedding=name, id_column=None)
    assert without_place(caught.value) == message


# what the data lacks, or has of another kind

LEAVES = "camera.id, counts.class_distribution, embedding, fixed.note, fixed.objectness_least_confidence, fixed.probabilities, is_labelled, lightly.sharpness, lightly.sizeInBytes, "
BALANCED = {"type": "BALANCE", "distribution": "UNIFORM"}


@pytest.mark.parametrize(
    ("source_of", "strategy", "error", "message"),
    [
        (key("wether.temperature"), WEIGHTS, CatalogError, "unknown metadata key 'wether.temperature'. Did you mean 'weather.temperature'? Known: " + LEAVES),
        (key("weather.description"), WEIGHTS, ConfigError, "strategies[0].input.key: weather.description is text; WEIGHTS needs a number"),
        (key("weather.rain"), above(1), ConfigError, "strategies[0].input.key: weather.rain is boolean; THRESHOLD needs a number"),
        (key("weather.raw"), WEIGHTS, ConfigError, "strategies[0].input.key: weather.raw is JSON; WEIGHTS needs a number"),
        (key("weather.station"), WEIGHTS, ConfigError, "strategies[0].input.key: weather.station is a struct (weather.station.id); WEIGHTS needs a number"),
        (key("weather.temperature"), BALANCED, ConfigError, "strategies[0].input.key: weather.temperature has fractions (DOUBLE); BALANCE needs a category: store it in bins, or cast it to an integer or a text"),
        (key("taken"), BALANCED, ConfigError, "strategies[0].input.key: taken is DATE; BALANCE needs a category: a text, an integer or a boolean"),
        (key("weather.hour"), {"type": "BALANCE", "target": {"1.0": 1}}, ConfigError, "strategies[0].strategy.target: '1.0' is no value of weather.hour, which holds integers"),
        (key("weather.hour"), {"type": "BALANCE", "target": {"1": 0.5, "01": 0.5}}, ConfigError, "strategies[0].strategy.target: '1' and '01' name one value of weather.hour"),
        (key("weather.rain"), {"type": "BALANCE", "target": {"true": 0.5, "True": 0.5}}, ConfigError, "strategies[0].strategy.target: 'true' and 'True' name one value of weather.rain"),
        (score("my_clasification_task"), WEIGHTS, CatalogError, "unknown task 'my_clasification_task'. Did you mean 'my_classification_task'? Known: counts, fixed, lightly_pretagging, my_classification_task, my_object_detection_task, my_segmentation_task, words. A task is a struct column of that name."),
        (score("taken"), WEIGHTS, CatalogError, "task 'taken': the column of that name is DATE; it must be a struct with the predictions"),
        (score("my_classification_task", "object_frequency"), WEIGHTS, CatalogError, "task 'my_classification_task': unknown score 'object_frequency'. Known: uncertainty_entropy, uncertainty_least_confidence, uncertainty_margin."),
        (score("my_object_detection_task", "uncertainty_margin"), WEIGHTS, CatalogError, "task 'my_object_detection_task': unknown score 'uncertainty_margin'. Did you mean 'uncertainty_entropy'? Known: uncertainty_entropy. It is computed where the task has probabilities (DOUBLE[])."),
        (score("fixed", "note"), WEIGHTS, ConfigError, "strategies[0].input.score: fixed.note is text; WEIGHTS needs a number"),
        (rows("my_object_detection_task"), BALANCED, CatalogError, "task 'my_object_detection_task' has neither class_distribution nor probabilities; it has uncertainty_entropy"),
        (rows("words"), BALANCED, ConfigError, "strategies[0].input.task: words.class_distribution is VARCHAR[]; BALANCE needs a number per class: a STRUCT, a MAP or a list of numbers"),
        (rows("lightly_pretagging"), target(caar=1), ConfigError, "strategies[0].strategy.target: class 'caar' is not a class of task 'lightly_pretagging' (bicycle, bus, car, motorcycle, person, train, truck). Did you mean 'car'?"),
        (rows("fixed"), {"type": "BALANCE", "target": {"3": 1}}, ConfigError, "strategies[0].strategy.target: class '3' is not a class of task 'fixed' (0, 1, 2)."),
        (rows("my_classification_task"), target(cat=1), CatalogError, "the classes of task 'my_classification_task' are not known: my_classification_task.probabilities is DOUBLE[], a list without names. Import the task, or store a STRUCT or MAP of class -> mass"),
    ],
)  # fmt: skip
def test_unfit_data(streets, source_of, strategy, error, message):
    with pytest.raises(error) as caught:
        item(source_of, strategy, streets)
    assert without_place(caught.value).startswith(message)
    if not message.endswith(", "):
        assert without_place(caught.value) == message


@pytest.mark.parametrize("source_of", [score("lightly_pretagging"), rows("lightly_pretagging")])
def test_without_pretagging_the_error_says_how_predictions_get_in(source_of):
    strategy = WEIGHTS if source_of["type"] == "SCORES" else target(car=1)
    with pytest.raises(
        CatalogError,
        match="A detector of your own puts it there: sqlsel predict",
    ):
        item(source_of, strategy, columns({"sample_id": "VARCHAR"}))


def test_a_key_that_names_two_places_is_refused():
    types = columns({"weather.hour": "INTEGER", "weather": "STRUCT(hour INTEGER)"})
    message = """'weather.hour' names more than one place in the data: "weather.hour" and "weather"."hour"; rename one of them"""
    with pytest.raises(CatalogError) as caught:
        item(key("weather.hour"), WEIGHTS, types, id_column=None)
    assert without_place(caught.value) == message


@pytest.mark.parametrize(
    ("known", "error", "message"),
    [
        ({"id_column": "sampleid"}, CatalogError, r"unknown column 'sampleid'\. Did you mean 'sample_id'\?"),
        ({"preselected": "taken"}, CatalogError, "column 'taken' is DATE; preselected must be a boolean column"),
        ({"n_counts": "all"}, ConfigError, "n_counts must be 'new' or 'total', got 'all'"),
        ({"tasks": {"fixed": Task("fixed", "classification", ((0, "a"),))}}, CatalogError, "task 'fixed' has 1 classes, but fixed.probabilities holds 3 numbers"),
    ],
)  # fmt: skip
def test_unfit_arguments(streets, known, error, message):
    with pytest.raises(error, match=message):
        item(rows("fixed"), BALANCED, streets, **known)


def test_a_threshold_on_random_needs_ids(streets):
    with pytest.raises(
        ConfigError,
        match=r"strategies\[0\]: THRESHOLD on RANDOM needs a column of sample ids \(key\)",
    ):
        item(RANDOM, above(0.5), streets, id_column=None)


def test_digits_have_what_their_examples_ask():
    assert (
        item(key("image.half"), BALANCED, columns(DIGITS))
        == """BALANCE("image"."half", 'uniform')"""
    )
