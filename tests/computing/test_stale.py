"""What was computed of vectors is forgotten when they change."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from sqlsel.catalog import connect
from tests.computing.conftest import Program
from tests.computing.tiny import embedder, photos


def test_near_duplicates_do_not_outlive_the_vectors(
    program: Program, tmp_path: Path, db: Path
) -> None:
    photos(tmp_path / "shop", 5)
    Image.open(tmp_path / "shop/a/0000.png").save(tmp_path / "shop/b/copy.png")
    told = ("embed", tmp_path / "shop", "--model", embedder(tmp_path / "m.onnx"), "--db", db)
    program(*told)
    saved = program("duplicates", "--db", db, "--min-distance", "0.001", "--save")
    assert saved.out.splitlines()[1:] == ["b/copy.png,a/0000.png,0.0"]
    kept = "SELECT count(*) FROM shop.catalog WHERE duplicate_of IS NULL"
    with connect(db) as con:
        assert con.execute(kept).fetchall() == [(5,)]
    program(*told)  # nothing has changed
    with connect(db) as con:
        assert con.execute(kept).fetchall() == [(5,)]
    Image.new("RGB", (9, 9)).save(tmp_path / "shop/b/copy.png")
    Image.new("RGB", (9, 9), "red").save(tmp_path / "shop/b/copy.png")
    program(*told)
    with connect(db) as con:
        assert "duplicate_of" not in con.sql("FROM shop.catalog LIMIT 0").columns
