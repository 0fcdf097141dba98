"""``sqlsel crops``: the objects of a task as pictures and samples of their own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sqlsel.catalog import connect, open_dataset
from sqlsel.cli.main import _run
from sqlsel.images.pixels.measures import measure
from sqlsel.images.work.cropping import picture_name
from tests.computing.conftest import Program
from tests.computing.tiny import detector, embedder, photos

BOXES = [[0.1, 0.2, 0.5, 0.6], [0.5, 0.5, 0.9, 1.0], [0.0, 0.0, 0.3, 0.3]]
SCORES = [[0.9, 0.0, 0.0], [0.0, 0.6, 0.0], [0.0, 0.0, 0.8]]  # Car, motorbike, sofa
COUNT = 5


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five photos of 40 x 30 pixels, and a catalogue of the three objects in each."""
    root = tmp_path_factory.mktemp("found")
    photos(root / "shop", COUNT)
    model = detector(root / "d.onnx", BOXES, SCORES)
    told = [root / "shop", "--model", model, "--task", "things", "--db", root / "c.duckdb"]
    assert _run(["predict", *map(str, told)], debug=False) == 0
    return root


@pytest.fixture
def shop(found: Path, tmp_path: Path) -> Path:
    """A copy of that catalogue (as ``db``) and its photos."""
    shutil.copytree(found, tmp_path, dirs_exist_ok=True)
    return tmp_path / "shop"


def crops(program: Program, shop: Path, db: Path, *more: object) -> str:
    model = embedder(shop.parent / "e.onnx")
    told = ("--db", db, "--images", shop, "-o", shop.parent / "crops", "--model", model)
    done = program("crops", "things", *told, *more)
    assert done.code == 0, done.err
    return done.out + done.err


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("cam/a.jpg", "cam/a-3-jpg.png"),
        ("a.tar.png", "a.tar-3-png.png"),
        ("v.1/a", "v.1/a-3.png"),
        (".jpg", ".jpg-3.png"),
    ],
)
def test_pictures_of_a_jpg_and_a_png_of_one_name_do_not_meet(name: str, picture: str) -> None:
    assert picture_name(name, 3) == picture


def test_crops_are_samples_with_pictures_metadata_vectors_and_predictions(
    program: Program, shop: Path, db: Path
) -> None:
    assert "shop_things: 15 objects" in crops(program, shop, db)
    with connect(db) as con:
        rows = con.execute(
            "SELECT sample_id, file_name, parent_id, object, category, score, bbox, lightly, embedding, "
            "things.uncertainty_least_confidence, things.objects[1].bbox FROM shop_things.catalog ORDER BY 1"
        ).fetchall()
        assert open_dataset(con).name == "shop"  # the one that is meant where none is named
    assert len(rows) == 3 * COUNT
    for sample, file, parent, number, category, score, box, lightly, vector, doubt, own in rows:
        assert sample == f"{parent}#{number}"
        assert (number, category) in {(1, "Car"), (2, "sofa"), (3, "motorbike")}
        whole = np.asarray(Image.open(shop / parent))
        left, upper = (int(np.floor(box[k] + 1e-3)) for k in "xy")
        right, lower = (int(np.ceil(box[k] + box[j] - 1e-3)) for k, j in ("xw", "yh"))
        cut = whole[upper:lower, left:right]
        picture = shop.parent / "crops" / file
        assert np.array_equal(np.asarray(Image.open(picture)), cut)
        told = measure(Image.open(picture))
        assert lightly["sizeInBytes"] == picture.stat().st_size
        assert (lightly["width"], lightly["sharpness"]) == (cut.shape[1], told.sharpness)
        assert vector[0] == pytest.approx(int(parent[2:6]), abs=1e-3)
        assert doubt == pytest.approx((1 - score) * 3 / 2, abs=1e-6)
        assert own == pytest.approx([box["x"] - left, box["y"] - upper, box["w"], box["h"]])


def test_the_objects_of_the_task_get_the_same_vectors_and_lightly(
    program: Program, shop: Path, db: Path
) -> None:
    program("metadata", shop, "--db", db)
    crops(program, shop, db)
    with connect(db) as con:
        text = "SELECT sample_id, embedding, lightly, category FROM {} ORDER BY sample_id"
        own = con.execute(text.format("shop_things.catalog")).fetchall()
        beside = con.execute(text.format("shop.objects_things")).fetchall()
        assert [(row[0], list(row[1]), *row[2:]) for row in own] == beside
        whole = con.execute("SELECT DISTINCT lightly.width FROM shop.catalog").fetchall()
    assert whole == [(40,)]


def test_a_configuration_selects_objects_by_what_their_crops_show(
    program: Program, shop: Path, db: Path
) -> None:
    crops(program, shop, db)
    (shop.parent / "c.json").write_text(
        json.dumps(
            {
                "worker_config": {"object_level": {"task_name": "things"}},
                "selection_config": {
                    "n_samples": 4,
                    "strategies": [
                        {"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}},
                        {
                            "input": {"type": "METADATA", "key": "lightly.width"},
                            "strategy": {
                                "type": "THRESHOLD",
                                "threshold": 14,
                                "operation": "BIGGER",
                            },
                        },
                        {
                            "input": {
                                "type": "SCORES",
                                "task": "things",
                                "score": "uncertainty_margin",
                            },
                            "strategy": {"type": "WEIGHTS"},
                        },
                    ],
                },
            }
        ),
        encoding="utf-8",
    )
    done = program("run", shop.parent / "c.json", "--db", db)
    assert done.code == 0, done.err
    picks = done.out.split()
    assert len(picks) == 4
    assert not [pick for pick in picks if pick.endswith("#2")]  # the sofa is 12 pixels wide


def test_a_second_run_does_what_has_changed(program: Program, shop: Path, db: Path) -> None:
    find = ("predict", shop, "--model", shop.parent / "d.onnx", "--task", "things", "--db", db)
    first = crops(program, shop, db)
    assert "5 images in" in first
    assert "all images are done already" in crops(program, shop, db)
    Image.new("RGB", (40, 30), (9, 9, 9)).save(shop / "a/0000.png")
    told = crops(program, shop, db)  # its boxes are those of the picture that it was
    assert "left out: a/0000.png: has changed since its objects were found; predict" in told
    assert "shop_things: 12 objects" in told
    beside = "SELECT count(embedding), count(lightly) FROM shop.objects_things"
    with connect(db) as con:
        assert con.execute(beside).fetchall() == [(12, 12)]
    assert program(*find).code == 0
    told = crops(program, shop, db)
    assert "1 image in" in told
    assert "shop_things: 15 objects" in told
    with connect(db) as con:
        text = "SELECT DISTINCT embedding FROM shop_things.catalog WHERE parent_id = 'a/0000.png'"
        assert con.execute(text).fetchall() == [((9, 9, 9),)]
        assert con.execute(beside).fetchall() == [(15, 15)]


def test_crops_of_an_image_that_was_away_come_back(program: Program, shop: Path, db: Path) -> None:
    crops(program, shop, db)
    (shop / "a/0002.png").rename(shop.parent / "away.png")
    told = crops(program, shop, db)
    assert "left out: a/0002.png: cannot be read: No such file" in told
    assert "shop_things: 12 objects" in told
    (shop.parent / "away.png").rename(shop / "a/0002.png")
    assert "shop_things: 15 objects" in crops(program, shop, db)


def test_pictures_that_were_deleted_are_made_again(program: Program, shop: Path, db: Path) -> None:
    crops(program, shop, db)
    pictures = sorted((shop.parent / "crops").rglob("*.png"))
    pictures[4].unlink()
    assert "1 image in" in crops(program, shop, db)
    assert sorted((shop.parent / "crops").rglob("*.png")) == pictures


def test_predictions_that_change_and_change_back_have_crops(
    program: Program, shop: Path, db: Path
) -> None:
    before = (shop.parent / "d.onnx").read_bytes()
    crops(program, shop, db)
    for boxes, model in ((BOXES[1:], None), (BOXES, before)):
        detector(shop.parent / "d.onnx", boxes, SCORES[-len(boxes) :])
        if model:
            (shop.parent / "d.onnx").write_bytes(model)
        told = ("--task", "things", "--db", db, "--force")
        assert program("predict", shop, "--model", shop.parent / "d.onnx", *told).code == 0
    assert "5 images in" in crops(program, shop, db)
    with connect(db) as con:
        text = "SELECT count(*), count(embedding), count(lightly) FROM shop.objects_things"
        assert con.execute(text).fetchall() == [(15, 15, 15)]


def test_another_name_is_another_dataset_in_another_folder(
    program: Program, shop: Path, db: Path
) -> None:
    crops(program, shop, db)
    model = shop.parent / "e.onnx"
    told = ("things", "--db", db, "--images", shop, "--model", model, "--name", "other")
    refused = program("crops", *told, "-o", shop.parent / "crops")
    assert "holds the pictures of dataset shop_things" in refused.err
    done = program("crops", *told, "-o", shop.parent / "more")
    assert done.out == "other: 15 objects\n"
    inside = program("crops", "things", "--db", db, "--images", shop, "-o", shop / "crops")
    assert "pictures among the images would become samples" in inside.err


def test_imported_vectors_of_objects_are_not_mixed_with_others(
    program: Program, shop: Path, db: Path
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [f"{name}#{i}" for name in photo_names(shop) for i in (1, 2, 3)]
    vectors = pa.array([[1.0, 2.0]] * len(names), pa.list_(pa.float32(), 2))
    pq.write_table(pa.table({"sample_id": names, "embedding": vectors}), shop.parent / "v.parquet")
    told = ("import", "vectors", shop.parent / "v.parquet", "--db", db, "--name", "shop")
    assert program(*told, "--task", "things").code == 0
    model = embedder(shop.parent / "e.onnx")
    command = ("crops", "things", "--db", db, "--images", shop, "-o", shop.parent / "crops")
    assert "--force to replace it" in program(*command, "--model", model).err
    assert program(*command).code == 0  # without a model the imported ones stay
    text = "SELECT DISTINCT len(embedding) FROM shop.objects_things"
    with connect(db) as con:
        assert con.execute(text).fetchall() == [(2,)]
    assert program(*command, "--model", model, "--force").code == 0
    with connect(db) as con:
        assert con.execute(text).fetchall() == [(3,)]


def photo_names(shop: Path) -> list[str]:
    return sorted(path.relative_to(shop).as_posix() for path in shop.rglob("*.png"))


def test_other_predictions_take_their_crops_with_them(
    program: Program, shop: Path, db: Path
) -> None:
    crops(program, shop, db)
    model = detector(shop.parent / "d.onnx", BOXES[1:], SCORES[1:])
    told = ("--task", "things", "--db", db, "--force")
    assert program("predict", shop, "--model", model, *told).code == 0
    with connect(db) as con:
        assert con.execute("SELECT count(*) FROM shop.objects_things").fetchall() == [(10,)]
        assert "embedding" not in con.sql("FROM shop.objects_things LIMIT 0").columns
    assert "shop_things: 10 objects" in crops(program, shop, db)
    with connect(db) as con:
        text = "SELECT count(embedding), min(lightly.width) FROM shop.objects_things"
        assert con.execute(text).fetchall() == [(10, 12)]


def test_padding_widens_crops_and_makes_them_all_anew(
    program: Program, shop: Path, db: Path
) -> None:
    crops(program, shop, db)
    assert "5 images in" in crops(program, shop, db, "--padding", "0.5")
    with connect(db) as con:
        sizes = con.execute(
            "SELECT object, lightly.width, lightly.height FROM shop_things.catalog "
            "WHERE parent_id = 'a/0000.png' ORDER BY 1"
        ).fetchall()
    # 4 to 20 widened to 0 to 24, 6 to 18 to 3 to 21; the sofa in the corner; the motorbike at the edge
    assert sizes == [(1, 24, 18), (2, 15, 12), (3, 24, 19)]


def test_crops_without_a_model_have_no_vectors(program: Program, shop: Path, db: Path) -> None:
    told = ("--db", db, "--images", shop, "-o", shop.parent / "crops")
    assert "shop_things: 15 objects" in program("crops", "things", *told).out
    with connect(db) as con:
        columns = con.sql("FROM shop_things.catalog LIMIT 0").columns
    assert "embedding" not in columns
    assert "lightly" in columns


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (["thing"], 1, "Did you mean 'things'"),
        (["things", "--padding", "-1"], 1, "padding must be a number from 0 to 10"),
        (["things", "--images", "nowhere"], 1, "nowhere: no such folder"),
        (["things", "--images", "empty"], 1, "none of the images with objects is in this folder"),
        (["things", "--data", "shopp"], 1, "Did you mean 'shop'"),
        (["things", "--name", "shop"], 1, "does not hold the crops"),
        (["things", "--size", "9"], 2, "--size is of a model"),
        (["things", "--db", "none.duckdb"], 1, "none.duckdb: no such database"),
    ],
)
def test_what_cannot_be_cropped_is_one_line(
    program: Program, shop: Path, db: Path, monkeypatch: pytest.MonkeyPatch,
    arguments: list[str], code: int, why: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(shop.parent)
    (shop.parent / "empty").mkdir()
    told = {"--db": str(db), "--images": str(shop), "-o": "crops"}
    more = [x for pair in told.items() if pair[0] not in arguments for x in pair]
    done = program("crops", *arguments, *more)
    assert done.code == code
    assert why in done.err
    assert "Traceback" not in done.err
    with connect(db) as con:
        assert open_dataset(con).name == "shop"
        text = "SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'crops%'"
        assert con.execute(text).fetchall() == [(0,)]
    assert not (shop.parent / "none.duckdb").exists()


def test_a_task_without_boxes_has_nothing_to_crop(
    program: Program, tmp_path: Path, db: Path
) -> None:
    from tests.computing.tiny import classifier

    photos(tmp_path / "shop", 2)
    model = classifier(tmp_path / "c.onnx")
    program("predict", tmp_path / "shop", "--model", model, "--task", "red", "--db", db)
    done = program("crops", "red", "--db", db, "--images", tmp_path / "shop", "-o", tmp_path / "x")
    assert (done.code, "has no objects" in done.err) == (1, True)


def test_boxes_of_a_dump_become_pixels_once_sizes_are_known(
    program: Program, tmp_path: Path, db: Path
) -> None:
    names = photos(tmp_path / "shop", 2)
    entry = {"boxes": [[0.1, 0.2, 0.5, 0.6]], "labels": ["car"], "scores": [0.8]}
    dump = tmp_path / "dump.json"
    dump.write_text(json.dumps([{"filename": name, **entry} for name in names]), encoding="utf-8")
    program("import", "lightly", tmp_path / "shop", "--db", db)
    told = ("import", "pretagging", dump, "--db", db, "--name", "shop")
    assert "shares of the image" in program(*told).err
    refused = program(
        "crops",
        "lightly_pretagging",
        "--db",
        db,
        "--images",
        tmp_path / "shop",
        "-o",
        tmp_path / "x",
    )
    assert "shares of the images" in refused.err
    program("metadata", tmp_path / "shop", "--db", db)
    assert "shares" not in program(*told).err
    with connect(db) as con:
        box = con.execute("SELECT bbox FROM shop.objects_lightly_pretagging LIMIT 1").fetchall()
    assert [box[0][0][k] for k in "xywh"] == pytest.approx([4, 6, 16, 12])


def test_nothing_is_written_outside_of_the_folder_of_crops(
    program: Program, shop: Path, db: Path
) -> None:
    with connect(db, write=True) as con:
        con.execute(
            "UPDATE shop.samples SET file_name = '../' || file_name WHERE sample_id = 'a/0000.png'"
        )
    shutil.copytree(shop / "a", shop.parent / "a")
    told = crops(program, shop, db)
    assert "left out: ../a/0000.png" in told
    assert not list((shop.parent / "a").glob("*-1-png.png"))


@pytest.mark.parametrize("one", [True, False])
def test_what_ends_crops_early_says_what_is_kept(
    program: Program, shop: Path, db: Path, monkeypatch: pytest.MonkeyPatch, one: bool
) -> None:
    from sqlsel.images.work.cropping import Cropper

    cut, calls = Cropper._crops, []

    def interrupted(self: Cropper, path: Path) -> object:
        calls.append(path)
        if len(calls) > 3:
            raise KeyboardInterrupt
        return cut(self, path)

    monkeypatch.setattr(Cropper, "_crops", interrupted)
    monkeypatch.setattr("sqlsel.images.work.file_work._FEW", 1 if one else 8)
    monkeypatch.setattr(Cropper, "batch", 1 if one else 8)
    told = ("--db", db, "--images", shop, "-o", shop.parent / "crops", "--threads", 1)
    done = program("crops", "things", *told)
    assert done.code == 130
    assert ("3 images are done and kept" in done.err) == one
    monkeypatch.undo()
    again = program("crops", "things", *told)
    assert again.out == "shop_things: 15 objects\n"
    assert ("3 were done before" in again.err) == one


def test_of_two_datasets_the_one_with_the_images_and_the_task_is_cropped(
    program: Program, shop: Path, db: Path
) -> None:
    other = shop.parent / "street"
    for name in photos(shop.parent / "drawn", 2, seed=1):
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(shop.parent / "drawn" / name, other / Path(name).with_name(f"s{name[2:]}"))
    model = shop.parent / "d.onnx"
    done = program("predict", other, "--model", model, "--task", "things", "--db", db)
    assert done.code == 0, done.err
    assert "shop_things: 15 objects" in crops(program, shop, db)
    place = ("--db", db, "--images", other, "-o", other.parent / "cut")
    assert "street_things: 6 objects" in program("crops", "things", *place).out
