"""Stored graphs: used again when they are ours and fit, else built anew with the same result, whatever happened."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from sqlsel.engine.kernels.exact import Matrix
from sqlsel.engine.neighbours.graph import Graph
from sqlsel.engine.neighbours.graph_store import StoredGraphs
from sqlsel.engine.neighbours.key import own_key
from sqlsel.engine.neighbours.neighbour_distances import neighbour_distances
from sqlsel.engine.neighbours.shelf import Place, Shelf, place_name
from sqlsel.engine.neighbours.sidecar import signed, verified
from tests import effort
from tests.neighbours.clouds import cloud, nothing, units

NAME = "demo.default"
ROWS = units(240, 8)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "c.duckdb.index"


def shelf(folder: Path, rows: Matrix = ROWS, name: str = NAME) -> Shelf:
    return Shelf((Place(folder, name, len(rows), rows.shape[1]),), least=1)


def distances(folder: Path, rows: Matrix = ROWS, name: str = NAME) -> bytes:
    """What a run with this shelf finds."""
    graphs = shelf(folder, rows, name)
    found = neighbour_distances(rows, 7, approximate=True, poll=nothing, graphs=graphs)
    return found.distances.tobytes()


def plain(rows: Matrix = ROWS) -> bytes:
    return neighbour_distances(rows, 7, approximate=True, poll=nothing).distances.tobytes()


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    return {p.name: (p.stat().st_ino, p.stat().st_mtime_ns) for p in folder.iterdir()}


def test_the_first_run_stores_a_graph_and_the_second_uses_it(folder: Path) -> None:
    assert distances(folder) == plain()
    assert sorted(files(folder)) == [f"{NAME}.unit.hnsw", f"{NAME}.unit.json"]
    before = stamps(folder)
    assert distances(folder) == plain()
    assert stamps(folder) == before


def test_a_stored_graph_is_used_instead_of_built(folder: Path) -> None:
    distances(folder)

    def never() -> None:
        asked.append(None)

    asked: list[None] = []
    rows = units(3000, 24)
    calls = []
    for _ in range(2):
        before = len(asked)
        shelf(folder, rows).get(rows, len(rows), never)
        calls.append(len(asked) - before)
    assert calls[1] < calls[0] - 3000 // 256 + 1  # the rows went in only once


def test_the_sidecar_says_what_the_graph_is_made_of(folder: Path) -> None:
    distances(folder)
    facts = StoredGraphs(folder).facts(f"{NAME}.unit")
    assert facts is not None
    told = {name: facts[name] for name in ("metric", "dimension", "count", "M", "ef_construction")}
    assert told == {"metric": "unit", "dimension": 8, "count": 240, "M": 16, "ef_construction": 200}
    assert facts["recall"] == [1.0, 20, 200]
    assert facts["size"] == (folder / f"{NAME}.unit.hnsw").stat().st_size


def test_unit_vectors_and_others_have_graphs_of_their_own(folder: Path) -> None:
    distances(folder)
    distances(folder, 2 * ROWS)
    assert sorted(files(folder)) == [
        f"{NAME}.{m}.{k}" for m in ("raw", "unit") for k in ("hnsw", "json")
    ]


def test_changed_vectors_replace_the_graph(folder: Path) -> None:
    distances(folder)
    other = units(240, 8, seed=1)
    before = stamps(folder)
    assert distances(folder, other) == plain(other)
    assert stamps(folder).keys() == before.keys()
    assert stamps(folder) != before
    assert distances(folder) == plain()


def test_other_numbers_of_rows_are_built_in_memory(folder: Path) -> None:
    graphs = shelf(folder)
    neighbour_distances(ROWS[:200], 7, approximate=True, poll=nothing, graphs=graphs)
    assert not folder.exists()
    Shelf(graphs.places).get(ROWS, 240, nothing)  # so few rows are built faster than read
    assert not folder.exists()


def test_copies_of_rows_do_not_matter(folder: Path) -> None:
    rows = ROWS[np.arange(480) % 240]
    assert distances(folder, rows) == plain(rows)
    before = stamps(folder)
    assert distances(folder, rows) == plain(rows)
    assert stamps(folder) == before


@pytest.mark.parametrize("kind", ["hnsw", "json"])
def test_flipped_bytes_are_noticed_and_the_files_made_anew(folder: Path, kind: str) -> None:
    distances(folder)
    whole, wanted, rng = files(folder), plain(), random.Random(7)
    path = folder / f"{NAME}.unit.{kind}"
    for _ in range(effort.cases(25)):
        data = bytearray(whole[path.name])
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        path.write_bytes(data)
        assert distances(folder) == wanted
        assert files(folder) == whole


@pytest.mark.parametrize("kind", ["hnsw", "json"])
@pytest.mark.parametrize("length", [0, 1, 7, 96, 400, -1, -100])
def test_truncated_files_are_made_anew(folder: Path, kind: str, length: int) -> None:
    distances(folder)
    whole = files(folder)
    path = folder / f"{NAME}.unit.{kind}"
    path.write_bytes(whole[path.name][:length])
    assert distances(folder) == plain()
    assert files(folder) == whole


@pytest.mark.parametrize("kind", ["hnsw", "json"])
def test_a_longer_file_is_made_anew(folder: Path, kind: str) -> None:
    distances(folder)
    whole = files(folder)
    path = folder / f"{NAME}.unit.{kind}"
    path.write_bytes(whole[path.name] + bytes(5000))
    assert distances(folder) == plain()
    assert files(folder) == whole


@pytest.mark.parametrize("kind", ["hnsw", "json"])
@pytest.mark.parametrize("what", ["nothing", "link", "pipe", "folder"])
def test_what_is_no_file_is_not_read(folder: Path, kind: str, what: str, tmp_path: Path) -> None:
    distances(folder)
    path = folder / f"{NAME}.unit.{kind}"
    aside = tmp_path / "aside"
    path.rename(aside)
    if what == "link":
        path.symlink_to(aside)
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    assert distances(folder) == plain()
    assert not list(folder.glob("*.tmp"))
    if what != "folder":  # which is not ours to remove
        assert path.is_file()
        assert not path.is_symlink()


@pytest.mark.parametrize("dimension", [8, 16])
def test_files_of_two_models_that_were_swapped_are_made_anew(folder: Path, dimension: int) -> None:
    other = units(240, dimension, seed=5)
    distances(folder)
    distances(folder, other, "demo.other")
    for kind in ("hnsw", "json"):
        one, two = folder / f"{NAME}.unit.{kind}", folder / f"demo.other.unit.{kind}"
        one.rename(folder / "aside")
        two.rename(one)
        (folder / "aside").rename(two)
    assert distances(folder) == plain()
    assert distances(folder, other, "demo.other") == plain(other)


def test_only_the_index_of_another_model_is_noticed_too(folder: Path) -> None:
    other = units(240, 8, seed=5)
    distances(folder)
    distances(folder, other, "demo.other")
    shutil.copy(folder / "demo.other.unit.hnsw", folder / f"{NAME}.unit.hnsw")
    assert distances(folder) == plain()


def test_a_graph_of_another_user_is_not_loaded(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distances(folder)
    theirs = stamps(folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "mine"))
    assert StoredGraphs(folder).facts(f"{NAME}.unit") is None
    assert distances(folder) == plain()
    assert stamps(folder) != theirs


def test_a_sidecar_that_was_edited_bears_no_mark(folder: Path) -> None:
    distances(folder)
    path = folder / f"{NAME}.unit.json"
    facts = json.loads(path.read_text())
    path.write_text(
        json.dumps({**facts, "recall": [0.5, 20, 200]}, indent=1, sort_keys=True) + "\n"
    )
    assert StoredGraphs(folder).facts(f"{NAME}.unit") is None


def test_another_version_of_the_library_makes_it_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distances(folder)
    before = stamps(folder)
    monkeypatch.setattr("sqlsel.engine.neighbours.sidecar.version", lambda _: "0.9.0")
    assert distances(folder) == plain()
    assert stamps(folder) != before


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"1",
        b'"x"',
        b"{}",
        b"null",
        b"[" * 4000,
        b'{"hmac_sha256": 1}',
        b"\xff",
        b'{"a": NaN}',
    ],
)
def test_a_sidecar_may_hold_anything(text: bytes) -> None:
    assert verified(text, b"k" * 32) is None


def test_a_sealed_sidecar_opens_with_its_key_only() -> None:
    text = signed({"a": 1, "b": [0.25, "x"]}, b"k" * 32)
    assert verified(text, b"k" * 32) == {"a": 1, "b": [0.25, "x"]}
    assert verified(text, b"j" * 32) is None
    assert verified(text + b" ", b"k" * 32) is None


# ---- the key


def test_the_key_is_random_private_and_stays(state: Path) -> None:
    key = own_key()
    path = state / "sqlsel" / "key"
    assert key is not None
    assert (len(key), path.read_bytes(), path.stat().st_mode & 0o777) == (32, key, 0o600)
    assert own_key() == key
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("fault", ["open to others", "short", "long", "link", "folder", "pipe"])
def test_a_key_that_cannot_be_trusted_is_none(state: Path, folder: Path, fault: str) -> None:
    own_key()
    path = state / "sqlsel" / "key"
    if fault == "open to others":
        path.chmod(0o644)
    elif fault in ("short", "long"):
        path.write_bytes(b"k" * (31 if fault == "short" else 33))
    else:
        path.rename(state / "aside")
        {"link": lambda: path.symlink_to(state / "aside"), "folder": path.mkdir}.get(
            fault, lambda: os.mkfifo(path, 0o600)
        )()
    assert own_key() is None
    assert distances(folder) == plain()
    assert not folder.exists()


def test_without_a_place_for_a_key_all_works_in_memory(folder: Path, state: Path) -> None:
    distances(folder)
    shutil.rmtree(state)
    state.write_text("no folder")
    before = stamps(folder)
    assert distances(folder) == plain()
    assert stamps(folder) == before


# ---- saving


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (
        tmp_path / "file" / "x.index",
        Path("/proc/x.index"),
        tmp_path / "no" / "x.index",
    ):
        assert distances(folder) == plain()
        assert not folder.exists()


def test_a_folder_that_is_a_link_is_left_alone(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    distances(elsewhere)
    before = stamps(elsewhere)
    folder.symlink_to(elsewhere)
    assert distances(folder, 2 * ROWS) == plain(2 * ROWS)
    assert stamps(elsewhere) == before


CHILD = """
import sys
from pathlib import Path
from sqlsel.engine.neighbours.neighbour_distances import neighbour_distances
from sqlsel.engine.neighbours.shelf import Place, Shelf
from tests.neighbours.clouds import nothing, units
def run(folder, rows):
    graphs = Shelf((Place(Path(folder), "demo.default", len(rows), rows.shape[1]),), least=1)
    return neighbour_distances(rows, 7, approximate=True, poll=nothing, graphs=graphs)
"""


def child(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD + code, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


@pytest.mark.parametrize("limit", [0, 100, 20_000])
def test_a_full_disk_leaves_no_file_and_the_same_result(folder: Path, limit: int) -> None:
    own_key()
    code = """
import hashlib, resource
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
print(hashlib.sha256(run(sys.argv[1], units(240, 8)).distances.tobytes()).hexdigest())
"""
    process = child(code, str(folder), str(limit))
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert told.strip() == hashlib.sha256(plain()).hexdigest()
    assert not folder.exists()


def test_a_full_disk_keeps_what_was_there(folder: Path) -> None:
    distances(folder)
    before = files(folder)
    code = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
run(sys.argv[1], units(240, 8, seed=3))
"""
    process = child(code, str(folder))
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert files(folder) == before


def test_an_interrupt_while_building_leaves_nothing(folder: Path) -> None:
    rows = cloud("normal", 2000, 8)
    asked = 0

    def stop() -> None:
        nonlocal asked
        asked += 1
        if asked == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shelf(folder, rows).get(rows, len(rows), stop)
    assert not folder.exists()


@pytest.mark.nightly
def test_killed_while_saving_nothing_wrong_is_left(folder: Path) -> None:
    code = """
print("ready", flush=True)
for seed in range(1_000_000):
    run(sys.argv[1], units(60, 8, seed=seed))
"""
    rng = random.Random(3)
    for _ in range(12):
        process = child(code, str(folder))
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0.05, 0.4))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert distances(folder) == plain()
        assert sorted(files(folder)) == [f"{NAME}.unit.hnsw", f"{NAME}.unit.json"]


@pytest.mark.nightly
def test_runs_at_the_same_time_do_not_harm_each_other(folder: Path) -> None:
    code = """
for turn in range(60):
    rows = units(60, 8, seed=turn % 3)
    plain = neighbour_distances(rows, 7, approximate=True, poll=nothing)
    assert run(sys.argv[1], rows).distances.tobytes() == plain.distances.tobytes()
"""
    running = [child(code, str(folder)) for _ in range(4)]
    for process in running:
        process.communicate(timeout=120)
    assert [process.returncode for process in running] == [0] * 4
    assert sorted(files(folder)) == [f"{NAME}.unit.hnsw", f"{NAME}.unit.json"]
    assert distances(folder) == plain()


# ---- graphs and names


def test_a_graph_of_rows_that_are_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        Graph.build(np.array([[np.nan, 1]], np.float32), nothing)


def test_a_file_that_fits_other_rows_is_no_graph_of_these(tmp_path: Path) -> None:
    Graph.build(ROWS, nothing).save(tmp_path / "g")
    assert Graph.load(tmp_path / "g", ROWS[:-1]) is None
    assert Graph.load(tmp_path / "g", ROWS) is not None


def test_names_of_files_are_safe_and_differ() -> None:
    names = [
        ("a", "b.c"), ("a.b", "c"), ("a/b", "c"), ("..", ".."), ("a b", "ü"), ("a", "%2E"),
        ("x" * 300, "m"), ("x" * 301, "m"), ("", "m"), ("a\0", "m"), ("ü" * 90, "日本" * 50),
    ]  # fmt: skip
    made = [place_name(*pair) for pair in names]
    assert len(set(made)) == len(names)
    for name in made:
        assert name.count(".") == 1
        assert name.isascii()
        assert not set(name) & set("/\\\0 ")
        assert len(name) < 230
