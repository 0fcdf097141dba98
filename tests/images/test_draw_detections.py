"""The example that draws detections, on a catalogue made by hand."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import draw_detections
import duckdb
import numpy as np
import pytest
from draw_detections import COLOURS, Detection, detections, drawn, main
from PIL import Image

SCRIPT = Path(draw_detections.__file__)


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute('CREATE SCHEMA "my data"')
        con.execute(
            'CREATE TABLE "my data".found '
            "(parent_id VARCHAR, category VARCHAR, score DOUBLE, bbox STRUCT(x DOUBLE, y DOUBLE, w DOUBLE, h DOUBLE))"
        )
        con.executemany(
            'INSERT INTO "my data".found VALUES (?, ?, ?, ?)',
            [
                ("b.png", "cat", 0.9, {"x": 10, "y": 20, "w": 100, "h": 50}),
                ("b.png", "dog", 0.4, {"x": -9, "y": 0, "w": 1000, "h": 9999}),
                ("a/c.png", "cat", 0.5, {"x": 1, "y": 2, "w": 3, "h": 4}),
                ("a/bad.png", "cat", 0.5, {"x": 1, "y": 2, "w": 3, "h": 4}),
                ("a/c.png", "cat", 0.5, None),
            ],
        )
        con.execute('CREATE VIEW "my data"."objects_pets-1" AS FROM "my data".found')
    return path


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    (folder / "a").mkdir(parents=True)
    Image.new("RGB", (640, 480), "white").save(folder / "b.png")
    Image.new("I;16", (30, 20), 40_000).save(folder / "a" / "c.png")
    (folder / "a" / "bad.png").write_text("nothing")
    return folder


def test_the_images_with_most_detections_come_first_and_the_surest_is_drawn_last(
    catalog: Path,
) -> None:
    found = detections(catalog, "my data", "pets-1", 2)
    assert list(found) == ["b.png", "a/bad.png"]
    assert [one.score for one in found["b.png"]] == [0.4, 0.9]
    assert found["b.png"][1] == Detection("cat", 0.9, (10, 20, 110, 70))


def test_a_frame_is_drawn_where_the_box_is() -> None:
    image = Image.new("RGB", (640, 480), "white")
    picture = drawn(image, [Detection("cat", 0.5, (200, 200, 400, 300))])
    assert picture.size == (320, 240)
    coloured = (np.asarray(picture) != 255).any(axis=2)
    rows, columns = np.nonzero(coloured)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (100, 150, 100, 200)
    assert not coloured[125:148, 103:198].any()
    assert "#{:02x}{:02x}{:02x}".format(*picture.getpixel((200, 150))) in COLOURS  # type: ignore[misc]
    assert image.getcolors() == [(640 * 480, (255, 255, 255))]


def test_a_box_beyond_the_image_is_drawn_at_its_border() -> None:
    image = Image.new("RGB", (100, 100), "white")
    pixels = np.asarray(drawn(image, [Detection("cat", 1, (-50, -50, 1e9, 500))]))
    assert (pixels[:, [0, -1]] != 255).any(axis=2).all()


def test_the_command_draws_a_sheet_and_tells_of_images_that_cannot_be_read(
    catalog: Path, images: Path, tmp_path: Path
) -> None:
    target = tmp_path / "new" / "sheet.png"
    command = [sys.executable, str(SCRIPT), str(catalog), "my data", "pets-1", str(images)]
    done = subprocess.run([*command, str(target)], capture_output=True, text=True, check=True)
    assert done.stdout == f"{target}\n"
    assert done.stderr.startswith("a/bad.png: is no image of a known format")
    with Image.open(target) as sheet:
        assert sheet.size == (2 * 326 + 6, 320 + 15 + 12)
    assert [path.name for path in target.parent.iterdir()] == ["sheet.png"]
    one = [*command, str(target), "--count", "1"]
    assert subprocess.run(one, capture_output=True, text=True, check=True).stderr == ""
    with Image.open(target) as sheet:
        assert sheet.size[0] == 326 + 6


def test_a_task_that_is_not_there_is_told_in_one_line(
    catalog: Path, images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([str(catalog), "my data", "cats", str(images), str(tmp_path / "out.png")])
    last = capsys.readouterr().err.splitlines()[-1]
    assert re.search("error: Catalog Error: .*objects_cats", last)
