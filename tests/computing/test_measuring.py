"""``sqlsel metadata``: what pixels tell, in a catalogue or as rows."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from sqlsel.catalog import connect, open_dataset
from sqlsel.catalog.dataset import MEASURES
from sqlsel.catalog.measure_tables import LIGHTLY
from sqlsel.images.pixels.measures import measure
from tests.computing.conftest import Program
from tests.computing.tiny import photos
from tests.programs import started


def test_the_columns_of_the_catalogue_are_those_that_are_measured() -> None:
    assert tuple(LIGHTLY.names) == MEASURES


def test_pixels_become_metadata_that_a_configuration_selects_by(
    program: Program, tmp_path: Path, db: Path
) -> None:
    names = photos(tmp_path / "shop", 12)
    done = program("metadata", tmp_path / "shop", "--db", db)
    assert done.code == 0, done.err
    assert "shop.samples: 12 rows new or updated  lightly" in done.out
    assert "12 images in" in done.err
    with connect(db) as con:
        rows = con.execute("SELECT sample_id, lightly FROM shop.catalog ORDER BY 1").fetchall()
    assert [row[0] for row in rows] == names
    for name, lightly in rows:
        told = measure(Image.open(tmp_path / "shop" / name))
        assert lightly["sizeInBytes"] == (tmp_path / "shop" / name).stat().st_size
        assert (lightly["width"], lightly["height"], lightly["shape"]) == (40, 30, [30, 40, 3])
        for key in ("sharpness", "snr", "luminance", "uniformRowRatio"):
            assert lightly[key] == getattr(told, key)
    config = {
        "n_samples": 3,
        "strategies": [
            {
                "input": {"type": "METADATA", "key": "lightly.luminance"},
                "strategy": {"type": "WEIGHTS"},
            }
        ],
    }
    (tmp_path / "c.json").write_text(json.dumps(config), encoding="utf-8")
    picks = program("run", tmp_path / "c.json", "--db", db).out.split()
    brightest = sorted(rows, key=lambda row: -row[1]["luminance"])[:3]
    assert picks == [row[0] for row in brightest]


def test_an_unmeasured_key_says_what_measures_it(
    program: Program, tmp_path: Path, db: Path
) -> None:
    photos(tmp_path / "shop", 2)
    assert program("import", "lightly", tmp_path / "shop", "--db", db).code == 0
    (tmp_path / "c.json").write_text(
        '{"n_samples": 1, "strategies": [{"input": {"type": "METADATA", "key": "lightly.sharpness"}, '
        '"strategy": {"type": "WEIGHTS"}}]}',
        encoding="utf-8",
    )
    assert (
        "sqlsel metadata IMAGES --db FILE measures it"
        in program("run", tmp_path / "c.json", "--db", db).err
    )


SHARPNESS = (
    '{"n_samples": 3, "strategies": [{"input": {"type": "METADATA", "key": "lightly.sharpness"}, '
    '"strategy": {"type": "WEIGHTS"}}]}'
)


def test_a_bare_folder_is_measured_where_a_configuration_asks_for_it(
    program: Program, tmp_path: Path, db: Path
) -> None:
    photos(tmp_path / "shop", 12)
    (tmp_path / "shop" / "broken.png").write_bytes(b"no picture")
    (tmp_path / "c.json").write_text(SHARPNESS, encoding="utf-8")
    done = program("run", tmp_path / "c.json", "--data", tmp_path / "shop")
    program("metadata", tmp_path / "shop", "--db", db)
    assert done.out == program("run", tmp_path / "c.json", "--db", db).out
    assert len(done.out.split()) == 3
    assert "broken.png" in done.err
    checked = program("validate", tmp_path / "c.json", "--data", tmp_path / "shop")
    assert checked.out.strip() == "ok: 1 strategy, 13 samples"


def test_a_misspelt_measure_is_told_with_the_measures_that_there_are(
    program: Program, tmp_path: Path
) -> None:
    photos(tmp_path / "shop", 2)
    text = SHARPNESS.replace("sharpness", "sharpnes")
    (tmp_path / "c.json").write_text(text, encoding="utf-8")
    failed = program("run", tmp_path / "c.json", "--data", tmp_path / "shop")
    assert failed.code == 1
    assert "sharpnes" in failed.err


def test_a_second_run_measures_only_what_is_new_or_changed(
    program: Program, tmp_path: Path, db: Path
) -> None:
    names = photos(tmp_path / "shop", 6)
    program("metadata", tmp_path / "shop", "--db", db)
    again = program("metadata", tmp_path / "shop", "--db", db)
    assert "shop.samples: 0 rows" in again.out
    assert "all images are done already" in again.err
    Image.new("RGB", (50, 20), "white").save(tmp_path / "shop" / names[0])
    photos(tmp_path / "shop" / "more", 2, seed=1)
    third = program("metadata", tmp_path / "shop", "--db", db)
    assert "shop.samples: 3 rows new or updated  lightly" in third.out
    with connect(db) as con:
        text = "SELECT count(*), count(lightly.width), min(lightly.height) FROM shop.catalog"
        assert con.execute(text).fetchall() == [(8, 8, 20)]
        dataset = open_dataset(con)
        assert not [table for table in dataset.tables() if table.startswith("unfinished")]


def test_bad_files_are_told_of_and_the_others_measured(
    program: Program, tmp_path: Path, db: Path
) -> None:
    root = tmp_path / "shop"
    photos(root, 20)
    good = (root / "a/0000.png").read_bytes()
    bad = {
        "cut.png": good[: len(good) // 2],
        "empty.jpg": b"",
        "text.jpg": b"<html>no</html>",
        "print.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    }
    for name, content in bad.items():
        (root / name).write_bytes(content)
    (root / "really.jpg").write_bytes(good)  # a PNG by another name is a picture
    Image.new("1", (30_000, 30_000)).save(root / "bomb.png")
    done = program("metadata", root, "--db", db)
    assert done.code == 0
    told = [line for line in done.err.splitlines() if line.startswith("left out: ")]
    assert sorted(line.split(": ")[1] for line in told) == sorted([*bad, "bomb.png"])
    with connect(db) as con:
        text = "SELECT count(*), count(lightly.width) FROM shop.catalog"
        assert con.execute(text).fetchall() == [(26, 21)]


def test_rows_go_to_a_file_or_to_stdout(program: Program, tmp_path: Path) -> None:
    names = photos(tmp_path / "shop", 5)
    out = tmp_path / "m.parquet"
    assert program("metadata", tmp_path / "shop", "-o", out).code == 0
    table = pq.read_table(out)
    assert table["sample_id"].to_pylist() == names
    assert [field.name for field in table.schema.field("lightly").type] == list(MEASURES)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.parquet", "shop"]
    printed = program("metadata", tmp_path / "shop", "-q")
    assert printed.err == ""
    assert printed.out.splitlines()[0].startswith("sample_id,lightly.sharpness,lightly.snr")
    assert len(printed.out.splitlines()) == 6
    refused = program("metadata", tmp_path / "shop", "-o", out)
    assert (refused.code, refused.err) == (2, f"Error: {out} exists; --force replaces it\n")


def test_a_folder_without_images_is_one_line_and_leaves_no_database(
    program: Program, tmp_path: Path, db: Path
) -> None:
    (tmp_path / "none").mkdir()
    for folder, why in (("none", "no images in this folder"), ("nowhere", "no such folder")):
        done = program("metadata", tmp_path / folder, "--db", db)
        assert (done.code, done.err) == (1, f"Error: {tmp_path / folder}: {why}\n")
        assert not db.exists()


def test_a_folder_finds_the_dataset_that_has_its_images(
    program: Program, tmp_path: Path, db: Path
) -> None:
    photos(tmp_path / "shop", 4)
    program("import", "lightly", tmp_path / "shop", "--db", db, "--name", "spring")
    assert "spring.samples: 4 rows" in program("metadata", tmp_path / "shop", "--db", db).out
    photos(tmp_path / "other", 4, seed=1)  # the same names, other pictures
    for name in ("a/0000.png", "a/0002.png"):
        Image.new("RGB", (9, 9)).save(tmp_path / "other" / name)
    assert "other.samples: 4 rows" in program("metadata", tmp_path / "other", "--db", db).out
    with connect(db) as con:
        assert con.execute("SELECT min(lightly.width) FROM spring.catalog").fetchall() == [(40,)]


def test_a_full_disk_is_told_and_leaves_no_result(tmp_path: Path) -> None:
    photos(tmp_path / "shop", 8)

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))

    done = subprocess.run(
        [sys.executable, "-m", "sqlsel", "metadata", "shop", "-o", "m.parquet"],
        capture_output=True, text=True, check=False, cwd=tmp_path, preexec_fn=small_files,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "m.parquet").exists()


@pytest.mark.nightly
def test_a_run_that_is_stopped_anywhere_goes_on_where_it_was(tmp_path: Path) -> None:
    photos(tmp_path / "shop", 400)
    for number in range(0, 400, 40):
        (tmp_path / "shop" / f"bad{number}.jpg").write_bytes(b"\xff\xd8\xff nothing")
    rng = np.random.default_rng(5)
    killed = 0
    for round_ in range(40):
        running = started("metadata", "shop", "--db", "c.duckdb", cwd=tmp_path)
        try:
            _, err = running.communicate(timeout=rng.uniform(0.3, 2.2) if round_ < 39 else None)
            break
        except subprocess.TimeoutExpired:
            sent = [signal.SIGINT, signal.SIGKILL][rng.integers(2)]
            running.send_signal(sent)
            said = running.communicate()
            killed += 1
            # 1: it had ended, and what was left of the folder were the files that are no images
            assert running.returncode in (130, -9, 0, 1), said
            assert running.returncode != 1 or "none of the 10 images" in said[1]
    assert "left out: bad0.jpg" in err
    with duckdb.connect(str(tmp_path / "c.duckdb")) as con:
        text = "SELECT count(*), count(lightly.width), count(DISTINCT sample_id) FROM shop.catalog"
        assert con.execute(text).fetchall() == [(410, 400, 410)]
    print(f"{killed} stops")
