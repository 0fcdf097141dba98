"""Datasets: what is put in comes out of the views, with scores; a second time it replaces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

import sqlsel
from sqlsel.catalog import (
    connect,
    create_dataset,
    database,
    datasets,
    make_views,
    open_dataset,
    prepare,
    transaction,
)
from sqlsel.catalog.database import SCHEMA_VERSION, check_version
from sqlsel.catalog.dataset import MEASURES, Dataset
from sqlsel.catalog.embeddings import put_vectors
from sqlsel.catalog.files import changed_files, record_files
from sqlsel.catalog.parquet import is_dataset_folder, load_folder, save_folder
from sqlsel.catalog.prediction_tables import put_task
from sqlsel.catalog.samples import put_metadata, put_samples, same_metadata
from sqlsel.errors import CatalogError
from sqlsel.sqltext.sql_files import query
from tests.catalog import data


@pytest.fixture
def dataset() -> Iterator[Dataset]:
    with connect(None) as con:
        yield data.make(con)


def rows(dataset: Dataset, text: str) -> list[tuple[Any, ...]]:
    return dataset.con.execute(text.format(d=dataset.name)).fetchall()


def test_scores_are_those_of_numpy(dataset: Dataset) -> None:
    found = rows(
        dataset,
        "SELECT objects.uncertainty_entropy, objects.uncertainty_margin, "
        "objects.uncertainty_least_confidence, objects.objectness_least_confidence, "
        "objects.object_frequency, objects.class_distribution[1], "
        "objects.class_distribution[2] FROM {d}.catalog ORDER BY sample_id",
    )
    # a: [0.5, 0.5] is the most uncertain object; two classes: frequency 2; d: one: 1; others: 0.
    assert found[0] == pytest.approx((1.0, 1.0, 1.0, 0.35, 1.0, 1.3, 0.7), abs=1e-12)
    assert found[1] == (0.0, 0.0, 0.0, 0.0, 0.9, 0.0, 0.0)
    assert found[2] == found[1] == found[4]  # without a file: as without objects
    assert found[3] == pytest.approx((0.0, 0.0, 0.0, 0.0, 0.95, 1.0, 0.0), abs=1e-12)
    scenes = rows(dataset, "SELECT scene.uncertainty_entropy FROM {d}.catalog ORDER BY sample_id")
    for i, (entropy,) in enumerate(scenes):
        p = np.array([0.4 + 0.1 * i, *[(0.6 - 0.1 * i) / 2] * 2])
        assert entropy == pytest.approx(-(p * np.log(p)).sum() / np.log(3), abs=1e-12)


def test_objects_are_samples_with_the_metadata_of_their_image(dataset: Dataset) -> None:
    found = rows(
        dataset,
        "SELECT sample_id, parent_id, category, score, bbox, objects.uncertainty_margin, "
        "weather.description, scene.class_distribution[1] FROM {d}.objects_objects ORDER BY 1",
    )
    assert [row[:4] for row in found] == [
        ("cam1/a.jpg#1", "cam1/a.jpg", "bus", 0.5),
        ("cam1/a.jpg#2", "cam1/a.jpg", "car", 0.8),
        ("cam2/d.jpg#1", "cam2/d.jpg", "car", 1.0),
    ]
    assert found[0][4:] == ({"x": 1.0, "y": 2.0, "w": 3.0, "h": 4.0}, 1.0, "sunny", 0.4)
    assert found[1][5] == pytest.approx(0.4)
    assert found[2][6:] == ("sunny", pytest.approx(0.7))


def test_a_view_can_be_selected_from_in_sql(dataset: Dataset) -> None:
    text = "SELECT file_name FROM demo.catalog USING STRATEGY {} LIMIT 2"
    picked = sqlsel.sql(dataset.con, text.format("WEIGHTS(objects.uncertainty_entropy)"))
    assert picked.fetchone() == ("cam1/a.jpg",)
    picked = sqlsel.sql(dataset.con, text.format("DIVERSITY(embedding), key := sample_id"))
    assert picked.fetchall() == [("cam1/a.jpg",), ("cam2/d.jpg",)]


def test_what_is_put_again_replaces_and_never_doubles(dataset: Dataset) -> None:
    with transaction(dataset.con):
        assert put_samples(dataset, data.samples(data.NAMES)) == (0, 0)
        assert put_samples(dataset, data.samples(["cam1/a.jpg", "new.jpg"], 11)) == (1, 1)
        changed = {"cam1/a.jpg": [data.OBJECTS["cam2/d.jpg"][0]]}
        data.put(dataset, "objects", changed)
        make_views(dataset)
    found = rows(
        dataset,
        'SELECT sample_id, len(objects.objects), lightly."sizeInBytes" FROM {d}.catalog ORDER BY 1',
    )
    assert found == [
        ("cam1/a.jpg", 1, 11),
        ("cam1/b.jpg", 0, 10),
        ("cam1/c.jpg", 0, 10),
        ("cam2/d.jpg", 1, 10),
        ("cam2/e.jpg", 0, 10),
        ("new.jpg", 0, 11),
    ]


def test_metadata_of_the_same_columns_updates_other_columns_replace(dataset: Dataset) -> None:
    one = pa.table(
        {"sample_id": ["cam1/b.jpg"], "weather": [{"temperature": -5.0, "description": "snow"}], "speed": [9]}
    )  # fmt: skip
    assert same_metadata(dataset, one)
    with transaction(dataset.con):
        put_metadata(dataset, one, whole=False)
    text = "SELECT weather.temperature, speed FROM {d}.samples ORDER BY sample_id"
    assert rows(dataset, text) == [(0, 0), (-5, 9), (20, 2), (30, 3), (40, 4)]
    other = pa.table({"sample_id": data.NAMES, "place": ["x"] * 5})
    assert not same_metadata(dataset, other)
    with transaction(dataset.con):
        put_metadata(dataset, other, whole=True)
        make_views(dataset)
    assert rows(dataset, "SELECT DISTINCT place FROM {d}.catalog") == [("x",)]
    assert "weather" not in dataset.con.sql("FROM demo.catalog LIMIT 0").columns
    assert rows(dataset, 'SELECT DISTINCT lightly."sizeInBytes" FROM {d}.samples') == [(10,)]


@pytest.mark.parametrize("name", ["sample_id", "lightly", "objects", "embedding"])
def test_metadata_cannot_take_the_name_of_something_else(dataset: Dataset, name: str) -> None:
    column = "SAMPLE_ID" if name == "sample_id" else name
    given = pa.table({"sample_id": ["cam1/a.jpg"], column: ["x"]})
    with pytest.raises(CatalogError, match=f"(?i)metadata key '{name}'"), transaction(dataset.con):
        put_metadata(dataset, given, whole=True)


def test_object_vectors_become_the_embeddings_of_their_task(dataset: Dataset) -> None:
    vectors = pa.array([[[1, 0], [0, 1]], [[0.5, 0.5]]], pa.list_(pa.list_(pa.float32())))
    given = pa.table({"sample_id": ["cam1/a.jpg", "cam2/d.jpg"], "embedding": vectors})
    with transaction(dataset.con):
        assert put_vectors(dataset, "objects", given) == 2
        make_views(dataset)
    found = rows(dataset, "SELECT objects.embeddings FROM {d}.catalog ORDER BY sample_id")
    assert found[0] == ([[1.0, 0.0], [0.0, 1.0]],)
    assert found[1] == (None,)
    found = rows(dataset, "SELECT sample_id, embedding FROM {d}.objects_objects ORDER BY 1")
    assert found[1] == ("cam1/a.jpg#2", [0.0, 1.0])


def test_vectors_of_another_width_or_of_strangers(dataset: Dataset) -> None:
    wide = pa.array([[1.0, 2.0, 3.0]], pa.list_(pa.float32(), 3))
    with pytest.raises(
        CatalogError, match=r"is FLOAT\[2\] in the dataset, the new one is FLOAT\[3\]"
    ):
        put_vectors(dataset, "default", pa.table({"sample_id": ["cam1/a.jpg"], "embedding": wide}))
    pair = pa.array([[3.0, 4.0], [5.0, 6.0]], pa.list_(pa.float32(), 2))
    given = pa.table({"sample_id": ["cam1/a.jpg", "nobody.jpg"], "embedding": pair})
    with transaction(dataset.con):
        assert put_vectors(dataset, "default", given) == 1
    found = rows(dataset, "SELECT embedding FROM {d}.embeddings_default ORDER BY sample_id")
    assert found[0] == ((3.0, 4.0),)
    assert len(found) == 5


def test_a_second_model_is_a_column_of_its_name(dataset: Dataset) -> None:
    vectors = pa.array([[9.0]] * 5, pa.list_(pa.float32(), 1))
    with transaction(dataset.con):
        put_vectors(dataset, "clip", pa.table({"sample_id": data.NAMES, "embedding": vectors}))
        make_views(dataset)
    assert list(dataset.models()) == ["default", "clip"]
    assert rows(dataset, "SELECT DISTINCT clip FROM {d}.catalog") == [((9.0,),)]


def test_a_task_whose_schema_changes_says_so(dataset: Dataset) -> None:
    assert not put_task(dataset, "objects", "object-detection", data.CARS)
    assert put_task(dataset, "objects", "object-detection", [*data.CARS, (9, "van")])


def test_files_that_did_not_change_are_not_read_again(dataset: Dataset) -> None:
    listed = pa.table({"path": ["a.json", "b.json"], "size": [1, 2], "modified": [5, 6]})
    assert changed_files(dataset, "metadata", listed) == ["a.json", "b.json"]
    record_files(dataset, "metadata", listed, ["a.json"])
    assert changed_files(dataset, "metadata", listed) == ["b.json"]
    assert changed_files(dataset, "predictions_x", listed) == ["a.json", "b.json"]
    later = pa.table({"path": ["a.json"], "size": [1], "modified": [7]})
    assert changed_files(dataset, "metadata", later) == ["a.json"]


def test_hostile_names_are_names(dataset: Dataset) -> None:
    name = 'x"; DROP SCHEMA demo; --'
    with transaction(dataset.con):
        other = create_dataset(dataset.con, name)
        put_task(other, 'it\'s "one"', "classification", [(0, "a';")])
        data.put(other, 'it\'s "one"', {})
        make_views(other)
    assert datasets(dataset.con) == ["demo", name]
    assert open_dataset(dataset.con, name).tasks() == {
        'it\'s "one"': ("classification", [(0, "a';")])
    }


def test_a_folder_of_parquet_files_is_the_same_dataset(dataset: Dataset, tmp_path: Path) -> None:
    save_folder(dataset, tmp_path / "out")
    save_folder(dataset, tmp_path / "out")  # in place of the first
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["demo"]
    assert is_dataset_folder(tmp_path / "out")
    assert not is_dataset_folder(tmp_path)
    files = {
        str(p.relative_to(tmp_path / "out/demo")) for p in (tmp_path / "out").rglob("*.parquet")
    }
    assert {"samples.parquet", "embeddings/default.parquet", "predictions/objects.parquet"} < files
    text = "FROM demo.catalog ORDER BY sample_id"
    with connect(None) as con:
        prepare(con)
        [other] = load_folder(con, tmp_path / "out")
        assert con.execute(text).fetchall() == rows(dataset, text)
        assert other.models() == dataset.models()
        assert other.tasks() == dataset.tasks()
        with transaction(con):
            assert put_samples(other, data.samples(data.NAMES)) == (0, 0)


def test_the_file_is_created_for_writing_only_and_a_newer_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.duckdb"
    with pytest.raises(CatalogError, match="no such database"):
        connect(path)
    with connect(path, write=True) as con:
        data.make(con)
    with connect(path) as con:
        assert datasets(con) == ["demo"]
        assert open_dataset(con).count() == 5
        with pytest.raises(CatalogError, match="Did you mean 'demo'"):
            open_dataset(con, "demmo")
    with connect(path, write=True) as con:
        con.execute("UPDATE sqlsel_catalog SET schema_version = ?", [SCHEMA_VERSION + 1])
        with pytest.raises(CatalogError, match="use the newer sqlsel"):
            check_version(con)
        with pytest.raises(CatalogError, match="use the newer sqlsel"):
            prepare(con)


def test_nothing_stays_of_a_transaction_that_fails(tmp_path: Path) -> None:
    with connect(tmp_path / "c.duckdb", write=True) as con:
        dataset = data.make(con)
        wrong = pa.array([[1.0]], pa.list_(pa.float32(), 1))
        given = pa.table({"sample_id": ["z.jpg"], "embedding": wrong})

        def both() -> None:
            with transaction(con):
                put_samples(dataset, data.samples(["z.jpg"]))
                put_vectors(dataset, "default", given)

        with pytest.raises(CatalogError):
            both()
        assert dataset.count() == 5


def test_an_older_catalogue_is_brought_forward_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = {"one": "ALTER TABLE demo.runs ADD COLUMN host VARCHAR", "two": "SELECT 1 FROM nowhere"}
    create = query("catalog/create")
    monkeypatch.setattr(database, "query", lambda name: steps.get(name, create))
    with connect(tmp_path / "c.duckdb", write=True) as con:
        data.make(con)
        monkeypatch.setattr(database, "MIGRATIONS", (*database.MIGRATIONS, "one", "two"))
        monkeypatch.setattr(database, "SCHEMA_VERSION", SCHEMA_VERSION + 2)
        with pytest.raises(duckdb.CatalogException, match="nowhere"):
            prepare(con)
        assert "host" not in con.sql("FROM demo.runs LIMIT 0").columns
        assert check_version(con) == SCHEMA_VERSION
        steps["two"] = "UPDATE demo.runs SET host = 'none'"
        prepare(con)
        prepare(con)
        assert "host" in con.sql("FROM demo.runs LIMIT 0").columns
        assert check_version(con) == SCHEMA_VERSION + 2


def test_a_catalogue_of_version_1_learns_what_pixels_tell(tmp_path: Path) -> None:
    with connect(tmp_path / "c.duckdb", write=True) as con:
        dataset = data.make(con)
        con.execute(
            "ALTER TABLE demo.samples ALTER lightly TYPE STRUCT(sharpness DOUBLE, snr DOUBLE, "
            '"sizeInBytes" BIGINT, luminance DOUBLE, "uniformRowRatio" DOUBLE)'
        )
        con.execute("UPDATE sqlsel_catalog SET schema_version = 1")
        before = con.execute('SELECT sample_id, lightly."sizeInBytes" FROM demo.samples').fetchall()
        prepare(con)
        assert check_version(con) == SCHEMA_VERSION
        kind = con.sql("SELECT lightly FROM demo.samples").types[0]
        assert [name for name, _ in kind.children] == list(MEASURES)
        text = 'SELECT sample_id, lightly."sizeInBytes" FROM demo.samples'
        assert con.execute(text).fetchall() == before
        make_views(dataset)
