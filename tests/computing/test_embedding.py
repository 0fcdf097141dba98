"""``sqlsel embed``: vectors by a model whose answers are known."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from sqlsel.catalog import connect, open_dataset
from tests.computing.conftest import Program
from tests.computing.tiny import classifier, embedder, photos
from tests.programs import started


def vectors(db: Path, model: str = "default") -> dict[str, list[float]]:
    with connect(db) as con:
        table = open_dataset(con).table(f"embeddings_{model}")
        return dict(con.execute(f"SELECT sample_id, embedding FROM {table}").fetchall())


def test_vectors_are_those_of_the_model(program: Program, tmp_path: Path, db: Path) -> None:
    names = photos(tmp_path / "shop", 21)
    model = embedder(tmp_path / "m.onnx")
    done = program("embed", tmp_path / "shop", "--model", model, "--db", db)
    assert done.code == 0, done.err
    assert "shop.embeddings_default: 21 rows new or updated  FLOAT[3]" in done.out
    found = vectors(db)
    assert sorted(found) == names
    for name, vector in found.items():
        assert vector[0] == pytest.approx(int(name[2:6]), abs=1e-3)
        small = Image.open(tmp_path / "shop" / name).resize((8, 8), Image.Resampling.BILINEAR)
        assert vector == pytest.approx(np.asarray(small).mean(axis=(0, 1)), abs=1e-3)
    query = "SELECT sample_id FROM shop.catalog USING STRATEGY DIVERSITY(embedding) LIMIT 2"
    assert len(program("sql", "--db", db, query).out.splitlines()) == 3


def test_batches_and_threads_do_not_change_a_bit(program: Program, tmp_path: Path) -> None:
    photos(tmp_path / "shop", 30)
    model = embedder(tmp_path / "m.onnx")
    tables = []
    for batch, threads in ((1, 1), (7, 3), (30, 2)):
        out = tmp_path / f"{batch}.parquet"
        told = ("--model", model, "--batch", batch, "--threads", threads, "-o", out, "-q")
        assert program("embed", tmp_path / "shop", *told).err == ""
        tables.append(pq.read_table(out))
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])


def test_only_new_and_changed_images_are_computed(
    program: Program, tmp_path: Path, db: Path
) -> None:
    root = tmp_path / "shop"
    names = photos(root, 6)
    told = ("embed", root, "--model", embedder(tmp_path / "m.onnx"), "--db", db)
    program(*told)
    assert "all images are done already" in program(*told).err
    Image.new("RGB", (9, 9), (200, 1, 1)).save(root / names[2])
    Image.new("RGB", (9, 9), (100, 2, 2)).save(root / "new.png")
    assert "2 images in" in program(*told).err
    found = vectors(db)
    assert (found[names[2]], found["new.png"]) == ((200, 1, 1), (100, 2, 2))
    assert len(found) == 7


def test_vectors_of_two_models_do_not_mix(program: Program, tmp_path: Path, db: Path) -> None:
    photos(tmp_path / "shop", 4)
    first, second = embedder(tmp_path / "m.onnx"), embedder(tmp_path / "n.onnx")
    told = ("embed", tmp_path / "shop", "--db", db, "--model")
    program(*told, first)
    assert "all images are done" in program(*told, second).err  # the same bytes and settings
    second.with_suffix(".toml").write_text("[input]\nsize = 8\nscale = 255\n[embedding]\n")
    refused = program(*told, second)
    assert refused.code == 1
    assert "another model or other settings" in refused.err
    assert program(*told, second, "--embedding", "small").code == 0
    assert max(v[0] for v in vectors(db, "small").values()) < 1
    assert program(*told, second, "--force").code == 0
    assert vectors(db) == vectors(db, "small")


def test_one_bad_image_does_not_spoil_its_batch(program: Program, tmp_path: Path, db: Path) -> None:
    photos(tmp_path / "shop", 10)
    (tmp_path / "shop" / "a" / "0003.png").write_bytes(b"nothing")
    done = program("embed", tmp_path / "shop", "--model", embedder(tmp_path / "m.onnx"), "--db", db)
    assert "left out: a/0003.png: is no image" in done.err
    assert len(vectors(db)) == 10
    with connect(db) as con:
        text = "SELECT sample_id FROM shop.catalog WHERE embedding IS NULL"
        assert con.execute(text).fetchall() == [("a/0003.png",)]


def test_what_cannot_be_a_model_or_its_settings_is_one_line(
    program: Program, tmp_path: Path, db: Path
) -> None:
    photos(tmp_path / "shop", 1)
    model = embedder(tmp_path / "m.onnx")
    noise = tmp_path / "noise.onnx"
    noise.write_bytes(b"no model")
    for arguments, why in (
        (("--model", tmp_path / "none.onnx", "--settings", "torchvision"), "none.onnx"),
        (("--model", noise, "--settings", "torchvision"), "noise.onnx"),
        (("--model", model, "--settings", "torchvison"), "Did you mean 'torchvision'"),
        (("--model", model, "--tensor", "embeding"), "Did you mean 'embedding'"),
        (("--model", model, "--mean", "a,b"), "--mean: must be numbers"),
        (("--model", model, "--size", "9"), "size"),
    ):
        done = program("embed", tmp_path / "shop", "--db", db, *arguments)
        assert done.code in (1, 2)
        assert why in done.err
        assert done.err.startswith("Error: ")
        assert "Traceback" not in done.err
        assert not db.exists()


def test_a_model_that_has_no_embedding_says_so(program: Program, tmp_path: Path, db: Path) -> None:
    photos(tmp_path / "shop", 1)
    model = classifier(tmp_path / "m.onnx")
    done = program("embed", tmp_path / "shop", "--db", db, "--model", model)
    assert (done.code, done.out) != (0, "")
    assert "embedding" in done.err
    assert not db.exists()


@pytest.mark.nightly
@pytest.mark.parametrize("target", ["--db c.duckdb", "-o out.parquet"])
def test_a_run_that_is_stopped_anywhere_gives_the_same_vectors(tmp_path: Path, target: str) -> None:
    photos(tmp_path / "shop", 600)
    model = embedder(tmp_path / "m.onnx")
    command = ["embed", "shop", "--model", str(model)]
    running = started(*command, "-o", "whole.parquet", cwd=tmp_path)
    running.communicate()
    assert running.returncode == 0
    rng = np.random.default_rng(len(target))
    for round_ in range(30):
        running = started(*command, *target.split(), cwd=tmp_path)
        try:
            running.communicate(timeout=rng.uniform(0.7, 1.6) if round_ < 29 else None)
            break
        except subprocess.TimeoutExpired:
            running.send_signal([signal.SIGINT, signal.SIGKILL][rng.integers(2)])
            running.communicate()
    whole = pq.read_table(tmp_path / "whole.parquet")
    expected = dict(zip(*(whole[c].to_pylist() for c in ("sample_id", "embedding")), strict=True))
    if target.startswith("-o"):
        assert pq.read_table(tmp_path / "out.parquet").equals(whole)
        assert not list(tmp_path.glob("*unfinished*"))
    else:
        found = vectors(tmp_path / "c.duckdb")
        assert {name: list(vector) for name, vector in found.items()} == expected
