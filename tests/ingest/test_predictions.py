"""Prediction files: five types of tasks, each rule with its bad file, frames, links and processes."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlsel.errors import SqlselError
from sqlsel.readers import Category, Report, Task, batches, checking, processes
from sqlsel.readers.checking import check, check_file
from sqlsel.readers.mending import CLIPPED, NO_BOX
from sqlsel.readers.predictions import UNKNOWN, read_predictions
from sqlsel.readers.read_model import TASK_TYPES
from sqlsel.readers.read_objects import Parsed, Unfit, to_columns
from sqlsel.readers.strict import Fault
from tests import effort

from .conftest import Lightly

NOTHING = {"bbox": None, "probabilities": [0.75, 0.25], "segmentation": None, "keypoints": None}
BOX = {"category_id": 0, "bbox": [10, 20, 30, 40], "score": 0.75}


def objects(lightly: Lightly, kind: str, *predictions: Any) -> Any:
    lightly.task(kind)
    lightly.write("predictions/t/a.json", {"file_name": "a.png", "predictions": predictions})
    rows = lightly.predictions()
    return rows[0]["objects"] if rows else None


@pytest.mark.parametrize(
    ("kind", "prediction", "found"),
    [
        ("classification", {"category_id": 5, "probabilities": [0.25, 0.75]}, {"category_id": 5, "score": 0.75, "probabilities": [0.25, 0.75]}),
        ("classification", {"category_id": 0, "probabilities": [0.75, 0.25], "score": 0.5}, {"category_id": 0, "score": 0.5}),
        ("classification", {"category_id": 5}, {"category_id": 5, "score": 1.0, "probabilities": [0.0, 1.0]}),
        ("object-detection", BOX, {"category_id": 0, "score": 0.75, "bbox": [10, 20, 30, 40]}),
        ("semantic-segmentation", {"category_id": 0, "score": 0.75, "segmentation": [2, 2, 1, 3, 3, 1]}, {"category_id": 0, "score": 0.75, "segmentation": [2, 2, 1, 3, 3, 1]}),
        ("semantic-segmentation", {"category_id": 0, "score": 0.75, "segmentation": [0, 12]}, {"category_id": 0, "score": 0.75, "segmentation": [0, 12]}),
        ("instance-segmentation", {**BOX, "segmentation": []}, {"category_id": 0, "score": 0.75, "bbox": [10, 20, 30, 40], "segmentation": []}),
        ("keypoint-detection", {"category_id": 0, "score": 0.75, "keypoints": [-1, 2.5, 0.5]}, {"category_id": 0, "score": 0.75, "keypoints": [-1, 2.5, 0.5]}),
        ("keypoint-detection", {**BOX, "keypoints": [1, 2, 1] * 17}, {"category_id": 0, "score": 0.75, "bbox": [10, 20, 30, 40], "keypoints": [1, 2, 1] * 17}),
    ],
)  # fmt: skip
def test_each_type_of_task(lightly: Lightly, kind: str, prediction: Any, found: Any) -> None:
    assert objects(lightly, kind, prediction) == [{**NOTHING, **found}]
    assert lightly.report.lines() == []


def test_missing_probabilities_are_estimated_from_the_score(lightly: Lightly) -> None:
    lightly.task(categories=[{"id": n, "name": str(n)} for n in (9, 4, 7)])
    given_ones = {**BOX, "category_id": 9, "probabilities": [0.5, 0.25, 0.25]}
    lightly.write(
        "predictions/t/a.json",
        {
            "file_name": "a.png",
            "predictions": [
                {**BOX, "category_id": 4, "score": 0.5},
                given_ones,
                {**BOX, "category_id": 7, "score": 1},
            ],
        },
    )
    rows = lightly.predictions()[0]["objects"]
    assert [row["probabilities"] for row in rows] == [
        [0.25, 0.5, 0.25],
        [0.5, 0.25, 0.25],
        [0, 0, 1],
    ]


def test_a_single_category_has_the_score_as_its_probability(lightly: Lightly) -> None:
    lightly.task(categories=[{"id": 3, "name": "face"}])
    lightly.write(
        "predictions/t/a.json",
        {"file_name": "a.png", "predictions": [{**BOX, "category_id": 3, "score": 0.875}]},
    )
    assert lightly.predictions()[0]["objects"][0]["probabilities"] == [0.875]


def test_no_predictions_are_an_empty_list_and_no_file_no_row(lightly: Lightly) -> None:
    assert objects(lightly, "classification") == []
    lightly.write("predictions/t/x/b.json", {"file_name": "x/b.png", "predictions": []})
    rows = lightly.predictions({"a.png", "x/b.png", "c.png"})
    assert [(row["file"], row["sample_id"], row["objects"]) for row in rows] == [
        ("a.json", "a.png", []),
        ("x/b.json", "x/b.png", []),
    ]


def test_file_name_inside_decides(lightly: Lightly) -> None:
    lightly.task("classification")
    lightly.write("predictions/t/1.json", {"file_name": "a.png", "predictions": []})
    lightly.write("predictions/t/2.json", {"file_name": "a.jpg", "predictions": []})
    lightly.write("predictions/t/x/schema.json", {"file_name": "x/schema.png", "predictions": []})
    rows = lightly.predictions({"a.png", "a.jpg", "x/schema.png"})
    assert [row["sample_id"] for row in rows] == ["a.png", "a.jpg", "x/schema.png"]


def with_box(**changes: Any) -> dict[str, Any]:
    return {
        "file_name": "a.png",
        "predictions": [BOX, {k: v for k, v in {**BOX, **changes}.items() if v != "none"}],
    }


BAD_FILES = [
    ("object-detection", [], "the whole file: must be an object, got a list"),
    ("object-detection", {"predictions": []}, "file_name is missing"),
    ("object-detection", {"file_name": 3, "predictions": []}, "file_name: must be a text, got 3"),
    ("object-detection", {"file_name": "a.png"}, "predictions is missing"),
    ("object-detection", {"file_name": "a.png", "predictions": {}}, "predictions: must be a list, got an object"),
    ("object-detection", '{"file_name": "a.png", "predictions": [', "line 1, column 40: expected a value"),
    ("object-detection", '{"file_name": "a.png", "file_name": "b.png"}', "line 1, column 24: key 'file_name' appears twice"),
    ("object-detection", {"file_name": "b.png", "predictions": []}, "file_name: there is no sample 'b.png'"),
    ("object-detection", {"file_name": "../a.png", "predictions": []}, "file_name: '../a.png' must be a path below the folder, without . or .."),
    ("object-detection", {"file_name": "/z.png", "predictions": []}, "file_name: there is no sample '/z.png'"),
    ("object-detection", {"file_name": "", "predictions": []}, "file_name: the name is empty"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "reason"), BAD_FILES)
def test_a_bad_file_is_left_out_with_its_reason_and_its_sample_is_unknown(
    lightly: Lightly, kind: str, value: Any, reason: str
) -> None:
    lightly.task(kind)
    lightly.write("predictions/t/a.json", value)
    lightly.write("predictions/t/good.json", {"file_name": "good.png", "predictions": []})
    rows = lightly.predictions({"a.png", "good.png"})
    assert {row["sample_id"]: row["objects"] for row in rows} == {"a.png": None, "good.png": []}
    assert lightly.skipped == [("a.json", reason)]
    assert lightly.report.lines() == [
        f"left out: a.json: {reason}",
        f"warning: {UNKNOWN} (1): a.png",
    ]


BAD_OBJECTS = [
    ("object-detection", {"file_name": "a.png", "predictions": [[]]}, "predictions[0]: must be an object, got a list"),
    ("object-detection", with_box(category_id="none"), "predictions[1].category_id is missing"),
    ("object-detection", with_box(category_id=1), "predictions[1].category_id: 1 is no category of task 't': 0 (car), 5 (person)"),
    ("object-detection", with_box(category_id=False), "predictions[1].category_id: must be an integer of at least 0, got false"),
    ("object-detection", with_box(category_id=10**30), "predictions[1].category_id: must be an integer of at least 0, got 1000000000000000000000000000000"),
    ("object-detection", with_box(score="none"), "predictions[1].score is missing"),
    ("object-detection", with_box(score=1.5), "predictions[1].score: must be between 0 and 1, got 1.5"),
    ("object-detection", with_box(score=-0.1), "predictions[1].score: must be between 0 and 1, got -0.1"),
    ("object-detection", with_box(score="0.5"), 'predictions[1].score: must be a number, got "0.5" (text)'),
    ("object-detection", with_box(score=True), "predictions[1].score: must be a number, got true"),
    ("object-detection", with_box(score=None), "predictions[1].score: must be a number, got null"),
    ("object-detection", with_box(bbox="none"), "predictions[1].bbox is missing"),
    ("object-detection", with_box(bbox=None), "predictions[1].bbox: must be a list, got null"),
    ("object-detection", with_box(bbox=[1, 2, 3]), "predictions[1].bbox: must be [x, y, width, height], got 3 numbers"),
    ("object-detection", with_box(bbox=[1, 2, -3, 4]), "predictions[1].bbox[2]: must be at least 0, got -3"),
    ("object-detection", with_box(bbox=[1, "2", 3, 4]), 'predictions[1].bbox[1]: must be a number, got "2" (text)'),
    ("object-detection", with_box(probabilities=[1.0]), "predictions[1].probabilities: must be 2 numbers, one per category in the order of schema.json, got 1"),
    ("object-detection", with_box(probabilities=[]), "predictions[1].probabilities: must be 2 numbers, one per category in the order of schema.json, got 0"),
    ("object-detection", with_box(probabilities=[0.5, 0.4]), "predictions[1].probabilities: must add up to 1, got 0.9"),
    ("object-detection", with_box(probabilities=[1.5, -0.5]), "predictions[1].probabilities[0]: must be between 0 and 1, got 1.5"),
    ("object-detection", with_box(probabilities={"car": 1}), "predictions[1].probabilities: must be a list, got an object"),
    ("semantic-segmentation", with_box(), "predictions[0].segmentation is missing"),
    ("semantic-segmentation", {"file_name": "a.png", "predictions": [{**BOX, "segmentation": [1, -2]}]}, "predictions[0].segmentation[1]: must be an integer of at least 0, got -2"),
    ("semantic-segmentation", {"file_name": "a.png", "predictions": [{**BOX, "segmentation": [1, 2.0]}]}, "predictions[0].segmentation[1]: must be an integer of at least 0, got 2.0"),
    ("instance-segmentation", {"file_name": "a.png", "predictions": [{**BOX, "segmentation": [[1, 2, 3, 4]]}]}, "predictions[0].segmentation: must be run lengths [n, n, …], got a list of polygons"),
    ("keypoint-detection", {"file_name": "a.png", "predictions": [{**BOX, "keypoints": [1, 2]}]}, "predictions[0].keypoints: must be [x, y, score, …], 3 numbers a point, got 2"),
    ("keypoint-detection", {"file_name": "a.png", "predictions": [{**BOX, "keypoints": []}]}, "predictions[0].keypoints: must be [x, y, score, …], 3 numbers a point, got 0"),
    ("object-detection", with_box(bbox=[1, 2, 0, 4]), "predictions[1].bbox: must have an area, got width 0 and height 4"),
    ("object-detection", with_box(bbox=[-5, 2, 3, 4]), "predictions[1].bbox: lies outside of the image"),
    ("object-detection", with_box(score=float("nan")), "predictions[1].score: must be a number, got NaN"),
    ("object-detection", with_box(bbox=[1, 2, float("inf"), 4]), "predictions[1].bbox[2]: must be a number, got Infinity"),
    ("keypoint-detection", {"file_name": "a.png", "predictions": [{**BOX, "keypoints": [1, float("nan"), 0]}]}, "predictions[0].keypoints[1]: must be a number, got NaN"),
    ("classification", with_box(score=float("nan")), "predictions[1].score: must be a number, got NaN"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "reason"), BAD_OBJECTS)
def test_a_bad_object_is_left_out_and_its_neighbours_stay(
    lightly: Lightly, kind: str, value: Any, reason: str
) -> None:
    lightly.task(kind)
    lightly.write("predictions/t/x/bad.json", value)
    lightly.write("predictions/t/good.json", {"file_name": "good.png", "predictions": []})
    found = {row["sample_id"]: row["objects"] for row in lightly.predictions({"a.png", "good.png"})}
    left = [
        o
        for o in value["predictions"]
        if o is BOX and kind in ("object-detection", "classification")
    ]
    assert found["good.png"] == []
    assert len(found["a.png"] or []) == len(left)
    assert (found["a.png"] is None) == (not left)
    assert lightly.skipped == []
    told = next(iter(lightly.report.warnings.items()))
    assert told[0].startswith("objects are left out")
    assert told[1].examples[0] == f"x/bad.json: {reason}"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"category_id": 5.0}, {"category_id": 5}),
        ({"score": 1.0000001}, {"score": 1.0}),
        ({"score": -1e-7}, {"score": 0.0}),
        ({"probabilities": [1.0000001, -1e-7]}, {"probabilities": [1.0, 0.0]}),
        ({"bbox": [-0.0001, 2, 30.0001, 4]}, {"bbox": [0.0, 2.0, 30.0, 4.0]}),
        ({"bbox": [1, -0.5, 3, 4]}, {"bbox": [1.0, 0.0, 3.0, 3.5]}),
    ],
)
def test_rounding_is_mended_without_a_word(
    lightly: Lightly, change: dict[str, Any], found: dict[str, Any]
) -> None:
    mended = objects(lightly, "object-detection", BOX, {**BOX, **change})[1]
    assert {key: mended[key] for key in found} == found
    assert lightly.report.lines() == []


def test_a_box_that_is_clipped_by_more_than_a_pixel_is_told(lightly: Lightly) -> None:
    found = objects(lightly, "object-detection", {**BOX, "bbox": [-1.5, 0, 10, 4]})
    assert found[0]["bbox"] == [0.0, 0.0, 8.5, 4.0]
    assert lightly.report.lines() == [f"warning: {CLIPPED} (1): a.json: predictions[0]"]


def test_a_box_that_may_be_missing_costs_itself_only(lightly: Lightly) -> None:
    found = objects(lightly, "keypoint-detection", {**BOX, "bbox": [1], "keypoints": [1, 2, 0]})
    assert (found[0]["bbox"], found[0]["keypoints"]) == (None, [1.0, 2.0, 0.0])
    assert lightly.report.lines() == [
        f"warning: {NO_BOX} (1): a.json: predictions[0].bbox: must be [x, y, width, height], got 1 numbers"
    ]


def test_a_number_out_of_range_beside_the_objects_costs_nothing(lightly: Lightly) -> None:
    lightly.task()
    lightly.write("predictions/t/a.json", '{"file_name": "a.png", "predictions": [], "loss": NaN}')
    assert [row["objects"] for row in lightly.predictions()] == [[]]
    assert lightly.report.lines() == []


def test_a_sample_that_another_file_tells_of_is_known(lightly: Lightly) -> None:
    lightly.task()
    lightly.write("predictions/t/a.json", "{")
    lightly.write("predictions/t/b.json", {"file_name": "a.png", "predictions": [BOX]})
    assert [(row["file"], len(row["objects"])) for row in lightly.predictions()] == [("b.json", 1)]


def test_the_second_file_of_a_sample_is_left_out(lightly: Lightly) -> None:
    lightly.task()
    for name in ("1", "2"):
        lightly.write(f"predictions/t/{name}.json", {"file_name": "a.png", "predictions": []})
    assert [row["file"] for row in lightly.predictions()] == ["1.json"]
    assert lightly.skipped == [("2.json", "file_name: 1.json is for 'a.png' too")]


def test_warnings_are_counted_with_three_examples(lightly: Lightly) -> None:
    odd = {"category_id": 0, "probabilities": [0.25, 0.75]}
    objects(lightly, "classification", *[odd] * 4, {"category_id": 5, "probabilities": [0.5, 0.5]})
    assert lightly.report.lines() == [
        "warning: the most likely category is another than category_id (4): a.json: predictions[0]; a.json: predictions[1]; a.json: predictions[2], …"
    ]


def test_keypoint_scores_above_1_and_scores_that_are_all_0_are_told(lightly: Lightly) -> None:
    objects(lightly, "keypoint-detection", {"category_id": 0, "score": 0, "keypoints": [1, 2, 2]})
    points, scores = lightly.report.lines()
    assert (
        points == "warning: scores of keypoints lie outside of 0 to 1 (1): a.json: predictions[0]"
    )
    assert scores.startswith("warning: all scores are 0")


def test_batches_stay_below_their_limit(lightly: Lightly, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "LARGEST", 6)  # three objects of two categories
    lightly.task()
    for name, count in (("1", 2), ("2", 0), ("3", 1), ("4", 1), ("5", 4), ("6", 3)):
        found = [{**BOX, "score": 0.5 + at / 8} for at in range(count)]
        lightly.write(
            f"predictions/t/{name}.json", {"file_name": f"{name}.png", "predictions": found}
        )
    (task,) = lightly.tasks()
    paths, names = [f"{n}.json" for n in range(1, 7)], {f"{n}.png" for n in range(1, 7)}
    folder = lightly.folder / "predictions" / "t"
    made = list(read_predictions(folder, task, paths, names, lightly.report))
    assert [batch["sample_id"].to_pylist() for batch in made] == [
        ["1.png", "2.png", "3.png"],
        ["4.png"],
        ["5.png"],
        ["6.png"],
    ]
    rows = [row for batch in made for row in batch.to_pylist()]
    assert [[one["probabilities"][0] for one in row["objects"]] for row in rows] == [
        [0.5, 0.625],
        [],
        [0.5],
        [0.5],
        [0.5, 0.625, 0.75, 0.875],
        [0.5, 0.625, 0.75],
    ]


def test_a_file_with_too_many_predictions_is_left_out(
    lightly: Lightly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "LARGEST", 3)
    assert objects(lightly, "object-detection", BOX, BOX) is None
    assert lightly.skipped == [("a.json", "predictions: 2 of them are more than one file may hold")]


def test_frames_of_a_video_are_samples_by_their_names(lightly: Lightly) -> None:
    lightly.task("classification")
    name = "drive/v-07-mp4"
    lightly.write(f"predictions/t/{name}.json", {"file_name": f"{name}.png", "predictions": []})
    assert [row["sample_id"] for row in lightly.predictions({f"{name}.png"})] == [f"{name}.png"]


def test_files_outside_of_the_folder_are_not_read(lightly: Lightly, tmp_path: Path) -> None:
    lightly.task()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.json").write_text('{"file_name": "a.png", "predictions": []}')
    folder = lightly.folder / "predictions" / "t"
    (folder / "link.json").symlink_to(outside / "a.json")
    (folder / "linked").symlink_to(outside)
    os.mkfifo(folder / "pipe.json")
    (task,) = lightly.tasks()
    paths = [
        "link.json",
        "linked/a.json",
        "../../../outside/a.json",
        str(outside / "a.json"),
        "pipe.json",
        "none.json",
    ]
    found = list(read_predictions(folder, task, paths, {"b.png"}, lightly.report))
    assert found == []
    assert [reason.split(";")[0] for _, reason in lightly.skipped] == [
        "is a link that leads out of the folder",
        "leads out of the folder",
        "'../../../outside/a.json' must be a path below the folder, without . or ..",
        f"'{outside}/a.json' is an absolute path",
        "is no regular file",
        "cannot be read: No such file or directory",
    ]


def test_two_processes_give_what_one_gives(lightly: Lightly) -> None:
    lightly.task()
    names = [f"{number:04}.png" for number in range(4_100)]
    for at, name in enumerate(names):
        score = 2 if at % 1_000 == 7 else 0.5
        lightly.write(
            f"predictions/t/{name[:-4]}.json",
            {"file_name": name, "predictions": [{**BOX, "score": score}]},
        )
    one = lightly.predictions(names, processes=1)
    left_out = lightly.report.lines()
    lightly.report = Report()
    assert lightly.predictions(names, processes=2) == one
    assert [row["sample_id"] for row in one if row["objects"] is None] == names[7::1_000]
    assert len(one) == 4_100
    assert lightly.report.lines() == left_out
    assert left_out[0] == (
        "warning: objects are left out for their score (5): "
        "0007.json: predictions[0].score: must be between 0 and 1, got 2; "
        "1007.json: predictions[0].score: must be between 0 and 1, got 2; "
        "2007.json: predictions[0].score: must be between 0 and 1, got 2, …"
    )


def test_few_files_start_no_process() -> None:
    assert processes.n_processes(None, 3_999) == 1
    assert processes.n_processes(None, 100_000) == min(len(os.sched_getaffinity(0)), 16)
    assert processes.n_processes(3, 1) == 3


def test_a_process_that_ends_early_is_an_error(tmp_path: Path) -> None:
    task = Task("t", "classification", (Category(0, "a"),))
    found = read_predictions(tmp_path, task, ["a.json"] * 8_000, {"b"}, Report(), processes=2)
    worker = processes._Worker()
    worker._process.kill()
    with pytest.raises(SqlselError, match=r"ended \(exit code -9\); with processes=1 none"):
        worker.run({"kind": "predictions", "folder": "x"})
    worker.stop()
    assert list(found) == []


ENDLESS = """
import itertools, sys, time
from pathlib import Path
from sqlsel.readers import Category, Report, Task
from sqlsel.readers.predictions import UNKNOWN, read_predictions
task = Task("t", "classification", (Category(0, "a"),))
print("started", flush=True)
for _ in itertools.count():
    for batch in read_predictions(Path(sys.argv[1]), task, ["a.json"] * 400_000, {"a.png"}, Report(), processes=2):
        pass
"""


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_the_workers_end_with_their_parent(tmp_path: Path, ending: signal.Signals) -> None:
    (tmp_path / "a.json").write_text('{"file_name": "a.png", "predictions": []}')
    (tmp_path / "main.py").write_text(ENDLESS)
    parent = subprocess.Popen(
        [sys.executable, tmp_path / "main.py", tmp_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )  # fmt: skip
    try:
        assert parent.stdout
        assert parent.stdout.readline() == "started\n"
        children = until(lambda: children_of(parent.pid), lambda found: len(found) == 2)
        time.sleep(0.5)
        parent.send_signal(ending)
        _, errors = parent.communicate(timeout=60)  # they would go on without end
    finally:
        parent.kill()  # a test that fails leaves nothing running
    until(lambda: [c for c in children if Path(f"/proc/{c}").exists()], lambda alive: not alive)
    assert errors.count("Traceback") == (1 if ending == signal.SIGINT else 0)


def children_of(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in tasks for child in file.read_text().split()]


def until(look: Callable[[], list[int]], fine: Callable[[list[int]], bool]) -> list[int]:
    for _ in range(500):
        if fine(found := look()):
            return found
        time.sleep(0.02)
    raise AssertionError(look())


ANYTHING = st.sampled_from(
    [
        0,
        1,
        5,
        0.5,
        -1,
        1.5,
        True,
        None,
        "0.5",
        [],
        {},
        [1, 2, 3],
        [0.5, 0.5],
        [1, 2, 3, 4],
        [[1]],
        [1, None, 2],
        2**31,
        10**30,
        [2**40],
        [0.5, 0.501],
        [0.5, 0.502],
        [1, 2, 0, 4],
        [1, 2, 3, float("nan")],
        float("nan"),
    ]
)
KEYS = st.sampled_from(
    ["category_id", "score", "bbox", "probabilities", "segmentation", "keypoints"]
)
GOOD = {
    "category_id": 0,
    "score": 0.5,
    "bbox": [1, 2, 3, 4],
    "segmentation": [1, 2],
    "keypoints": [1, 2, 0.5],
    "probabilities": [0.5, 0.5],
}


@settings(max_examples=effort.cases(500))
@given(
    st.sampled_from(TASK_TYPES),
    st.lists(st.dictionaries(KEYS, ANYTHING, max_size=2), max_size=3),
    st.sets(KEYS, max_size=1),
)
def test_all_files_at_once_are_judged_as_each_by_itself(
    kind: str, changes: list[Any], less: set[str]
) -> None:
    task = Task("t", kind, (Category(0, "car"), Category(5, "person")))
    found = [{k: v for k, v in {**GOOD, **change}.items() if k not in less} for change in changes]
    value = json.loads(json.dumps({"file_name": "a.png", "predictions": found}))
    assert accepts(lambda: check_file(value, task)) == accepts(
        lambda: check(to_columns([Parsed("a.json", value)], task), task)
    )


def accepts(judge: Callable[[], None]) -> bool:
    try:
        judge()
    except (Fault, Unfit):
        return False
    return True
