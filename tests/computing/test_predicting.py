"""``sqlsel predict``: tasks by models whose answers are known."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from sqlsel.catalog import connect, open_dataset
from sqlsel.images.models.street_classes import PRETAGGING
from sqlsel.readers.pretagging import CLASSES
from tests.computing.conftest import Program
from tests.computing.tiny import classifier, detector, photos

BOXES = [[0.1, 0.2, 0.5, 0.6], [0.5, 0.5, 0.9, 1.0], [0.0, 0.0, 0.3, 0.3]]
EXAMPLES = Path(__file__).parents[2] / "examples" / "seed" / "lightly"
SCORES = [[0.9, 0.0, 0.0], [0.0, 0.6, 0.0], [0.0, 0.0, 0.8]]  # Car, motorbike, sofa


def test_the_classes_of_pretagging_stand_in_one_order() -> None:
    assert PRETAGGING == CLASSES


def test_a_classifier_becomes_a_task_with_scores(
    program: Program, tmp_path: Path, db: Path
) -> None:
    photos(tmp_path / "shop", 9)
    model = classifier(tmp_path / "m.onnx")
    done = program("predict", tmp_path / "shop", "--model", model, "--task", "red", "--db", db)
    assert done.code == 0, done.err
    with connect(db) as con:
        assert open_dataset(con).tasks() == {"red": ("classification", [(0, "high"), (1, "low")])}
        rows = con.execute(
            "SELECT sample_id, red.class_distribution, red.uncertainty_least_confidence FROM shop.catalog"
        ).fetchall()
    for name, (high, low), score in rows:
        assert high == pytest.approx(int(name[2:6]) / 255, abs=1e-4)
        assert high + low == pytest.approx(1, abs=1e-9)
        assert score == pytest.approx((1 - max(high, low)) * 2, abs=1e-6)


def test_a_detector_becomes_objects_in_pixels(program: Program, tmp_path: Path, db: Path) -> None:
    photos(tmp_path / "shop", 3)
    model = detector(tmp_path / "m.onnx", BOXES, SCORES)
    done = program("predict", tmp_path / "shop", "--model", model, "--task", "things", "--db", db)
    assert done.code == 0, done.err
    with connect(db) as con:
        rows = con.execute(
            "SELECT category, score, bbox, things.probabilities FROM shop.objects_things "
            "WHERE parent_id = 'a/0000.png' ORDER BY score DESC"
        ).fetchall()
    assert [row[0] for row in rows] == ["Car", "sofa", "motorbike"]
    box = rows[0][2]
    assert [box[k] for k in "xywh"] == pytest.approx([4, 6, 16, 12], abs=1e-4)  # of 40 x 30
    assert rows[0][3] == pytest.approx([0.9, 0.05, 0.05], abs=1e-6)


def test_pretagging_keeps_the_seven_classes_and_runs_the_seed_example(
    program: Program, tmp_path: Path, db: Path
) -> None:
    photos(tmp_path / "shop", 6)
    model = detector(tmp_path / "m.onnx", BOXES, SCORES)
    done = program(
        "predict", tmp_path / "shop", "--model", model, "--task", "lightly_pretagging", "--db", db
    )
    assert done.code == 0, done.err
    with connect(db) as con:
        kind, categories = open_dataset(con).tasks()["lightly_pretagging"]
        assert (kind, [name for _, name in categories]) == ("object-detection", list(CLASSES))
        rows = con.execute(
            "SELECT DISTINCT category, round(score, 6) FROM shop.objects_lightly_pretagging ORDER BY 1"
        ).fetchall()
    assert rows == [("car", 0.9), ("motorcycle", 0.6)]
    text = (EXAMPLES / "object_balancing.json").read_text(encoding="utf-8")
    assert '"task": "lightly_pretagging"' in text
    ran = program("run", EXAMPLES / "object_balancing.json", "--db", db, "-n", 2)
    assert (ran.code, len(ran.out.split())) == (0, 2), ran.err


def test_a_detector_of_other_things_cannot_pretag(
    program: Program, tmp_path: Path, db: Path
) -> None:
    photos(tmp_path / "shop", 1)
    model = classifier(tmp_path / "m.onnx")
    done = program(
        "predict", tmp_path / "shop", "--model", model, "--task", "lightly_pretagging", "--db", db
    )
    assert done.code != 0
    assert "bicycle" in done.err
    assert "Traceback" not in done.err
    assert not db.exists()


def test_rows_hold_one_object_each(program: Program, tmp_path: Path) -> None:
    photos(tmp_path / "shop", 2)
    model = detector(tmp_path / "m.onnx", BOXES, SCORES)
    done = program("predict", tmp_path / "shop", "--model", model, "--task", "things")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert len(rows) == 6
    assert float(rows[0]["bbox.w"]) == pytest.approx(16, abs=1e-4)
    lines = program(
        "predict", tmp_path / "shop", "--model", model, "--task", "things", "--format", "ndjson"
    ).out.splitlines()
    assert {json.loads(line)["category"] for line in lines} == {"Car", "motorbike", "sofa"}


def test_another_model_does_not_replace_a_task_unasked(
    program: Program, tmp_path: Path, db: Path
) -> None:
    photos(tmp_path / "shop", 2)
    first = detector(tmp_path / "m.onnx", BOXES, SCORES)
    second = detector(tmp_path / "n.onnx", BOXES[:1], SCORES[:1])
    told = ("predict", tmp_path / "shop", "--task", "things", "--db", db, "--model")
    program(*told, first)
    assert "all images are done already" in program(*told, first).err
    assert "--force to replace it" in program(*told, second).err
    assert program(*told, second, "--force").code == 0
    with connect(db) as con:
        assert con.execute("SELECT count(*) FROM shop.objects_things").fetchall() == [(2,)]


def test_what_is_on_a_picture_that_cannot_be_read_is_not_known(
    program: Program, tmp_path: Path, db: Path
) -> None:
    photos(tmp_path / "shop", 3)
    model = detector(tmp_path / "m.onnx", BOXES, SCORES)
    predict = ("predict", tmp_path / "shop", "--model", model, "--task", "things", "--db", db)
    assert program(*predict).code == 0
    (tmp_path / "shop/a/0001.png").write_bytes(b"no picture any more")
    done = program(*predict)
    assert "left out: a/0001.png" in done.err
    with connect(db) as con:
        rows = con.execute(
            "SELECT len(things.objects), things.class_distribution IS NULL, "
            "things.uncertainty_margin IS NULL FROM shop.catalog ORDER BY sample_id"
        ).fetchall()
    assert rows == [(3, False, False), (None, True, True), *[(3, False, False)] * 2]
