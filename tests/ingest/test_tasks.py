"""tasks.json and schema.json: every rule has its bad file and its message."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from typing import Any

import pytest

from sqlsel.errors import ConfigError
from sqlsel.readers import Category, Task
from sqlsel.readers.read_model import TASK_TYPES

from .conftest import Lightly

CAR = {"id": 0, "name": "car"}


def test_tasks_are_those_listed_in_their_order(lightly: Lightly) -> None:
    lightly.write("predictions/b/schema.json", {"task_type": "CLASSIFICATION", "categories": [CAR]})
    lightly.write(
        "predictions/a/schema.json",
        {
            "task_type": "OBJECT_DETECTION",
            "categories": [{"id": 7, "name": "bus", "supercategory": "x"}, CAR],
        },
    )
    lightly.write("predictions/old/schema.json", "not read")
    lightly.write("predictions/tasks.json", ["b", "a"])
    assert lightly.tasks() == [
        Task("b", "classification", (Category(0, "car"),)),
        Task("a", "object-detection", (Category(7, "bus"), Category(0, "car"))),
    ]
    assert lightly.report.lines() == [
        "warning: a folder that tasks.json does not list is not read (1): old"
    ]


@pytest.mark.parametrize("kind", TASK_TYPES)
def test_every_type_is_read_in_both_spellings(lightly: Lightly, kind: str) -> None:
    lightly.task(kind)
    assert lightly.tasks()[0].type == kind
    lightly.task(kind.upper().replace("-", "_"))
    assert lightly.tasks()[0].type == kind


def test_no_predictions_are_no_tasks(lightly: Lightly) -> None:
    assert lightly.tasks() == []
    lightly.write("predictions/t/schema.json", {})
    assert lightly.tasks() == []
    assert "tasks.json, which lists the tasks, is missing" in lightly.report.lines()[0]


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ("[]", "the whole file: must be an object, got a list"),
        ("{", "line 1, column 2: expected a key in quotes"),
        ({"categories": [CAR]}, "task_type is missing"),
        ({"task_type": "object-detections", "categories": [CAR]}, "task_type: must be one of classification, object-detection, semantic-segmentation, instance-segmentation, keypoint-detection, got 'object-detections'. Did you mean 'object-detection'?"),
        ({"task_type": 3, "categories": [CAR]}, "task_type: must be a text, got 3"),
        ({"task_type": "classification"}, "categories is missing"),
        ({"task_type": "classification", "categories": []}, "categories: must list at least one category"),
        ({"task_type": "classification", "categories": CAR}, "categories: must be a list, got an object"),
        ({"task_type": "classification", "categories": ["car"]}, 'categories[0]: must be an object, got "car" (text)'),
        ({"task_type": "classification", "categories": [{"name": "car"}]}, "categories[0].id is missing"),
        ({"task_type": "classification", "categories": [CAR, {"id": -1, "name": "b"}]}, "categories[1].id: must be an integer of at least 0, got -1"),
        ({"task_type": "classification", "categories": [{"id": True, "name": "b"}]}, "categories[0].id: must be an integer of at least 0, got true"),
        ({"task_type": "classification", "categories": [{"id": 1.5, "name": "b"}]}, "categories[0].id: must be an integer of at least 0, got 1.5"),
        ({"task_type": "classification", "categories": [{"id": 1, "name": ""}]}, 'categories[0].name: must be a text, got "" (text)'),
        ({"task_type": "classification", "categories": [CAR, {"id": 0, "name": "b"}]}, "categories: id 0 appears 2 times"),
        ({"task_type": "classification", "categories": [CAR, {"id": 1, "name": "car"}]}, 'categories: name "car" (text) appears 2 times'),
    ],
)  # fmt: skip
def test_a_bad_schema_is_an_error_with_file_and_path(
    lightly: Lightly, schema: Any, message: str
) -> None:
    lightly.task()
    path = lightly.write("predictions/t/schema.json", schema)
    with pytest.raises(ConfigError) as caught:
        lightly.tasks()
    assert str(caught.value) == f"{path}: {message}"


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ({}, "the whole file: must be a list, got an object"),
        ([1], "[0]: must be a text, got 1"),
        (["../t"], "[0]: '../t' must be a path below the folder, without . or .."),
        (["/etc"], "[0]: '/etc' is an absolute path; it must be relative to the folder"),
        (["t", "t"], 'task "t" (text) appears 2 times'),
    ],
)
def test_a_bad_list_of_tasks_is_an_error(lightly: Lightly, listed: Any, message: str) -> None:
    lightly.task()
    path = lightly.write("predictions/tasks.json", listed)
    with pytest.raises(ConfigError) as caught:
        lightly.tasks()
    assert str(caught.value) == f"{path}: {message}"


def test_a_listed_task_without_schema_is_an_error(lightly: Lightly) -> None:
    path = lightly.write("predictions/tasks.json", ["t"]).parent / "t" / "schema.json"
    with pytest.raises(ConfigError) as caught:
        lightly.tasks()
    assert str(caught.value) == f"{path}: cannot be read: No such file or directory"


def test_ids_of_categories_may_be_written_as_floats(lightly: Lightly) -> None:
    lightly.task("classification", [{"id": 1.0, "name": "car"}])
    assert lightly.tasks()[0].categories == (Category(1, "car"),)
