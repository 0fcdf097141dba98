"""The client: datasets, folders, runs and tags, and what it says where Lightly's would do more."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sqlsel.cli.main import _run
from sqlsel.errors import CatalogError, ConfigError, ShortSelection
from sqlsel.lightly import ApiWorkflowClient, DatasetType, DatasourcePurpose

DIVERSE = {"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}
SHARP = {
    "input": {"type": "METADATA", "key": "lightly.sharpness"},
    "strategy": {"type": "WEIGHTS"},
}


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ApiWorkflowClient:
    """A client of a dataset of eight small photos that have no vectors."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    rng = np.random.default_rng(3)
    for i in range(8):
        pixels = rng.integers(0, 8 * (i + 1), (12, 12, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / "photos" / f"{i}.png")
    made = ApiWorkflowClient()
    made.create_dataset("shop", DatasetType.IMAGES)
    made.set_local_config("photos")
    return made


def embedded(folder: Path) -> None:
    (folder / ".lightly" / "embeddings").mkdir(parents=True)
    rows = ["filenames,embedding_0,embedding_1,labels", *(f"{i}.png,{i},1,0" for i in range(8))]
    (folder / ".lightly" / "embeddings" / "default.csv").write_text("\n".join(rows) + "\n")


def config(*strategies: Any, n: int = 3, **more: Any) -> dict[str, Any]:
    return {"n_samples": n, "strategies": list(strategies), **more}


def test_without_vectors_the_error_is_the_command_that_makes_them(
    client: ApiWorkflowClient, tmp_path: Path
) -> None:
    scores = {"input": {"type": "SCORES", "task": "cars", "score": "objectness_least_confidence"}}
    with pytest.raises(CatalogError) as missing:
        client.schedule_compute_worker_run(
            selection_config=config(DIVERSE, {**scores, "strategy": {"type": "WEIGHTS"}})
        )
    place = f"{tmp_path / 'photos'} --model FILE.onnx"
    made = f"or make them: sqlsel predict {place}"
    file = "put them into .lightly/predictions/cars"
    end = f"--db {tmp_path / 'sqlsel.duckdb'} --name shop"
    assert missing.value.problems == (
        f"the images have no vectors; make them: sqlsel embed {place} {end}",
        f"there are no predictions of task 'cars'; {file}, {made} --task cars {end}",
    )
    client.create_dataset("shop")  # the script may be run again once they are made
    embedded(tmp_path / "photos")
    assert client.schedule_compute_worker_run(selection_config=config(DIVERSE))


def test_pixels_are_measured_where_a_job_asks_for_them(client: ApiWorkflowClient) -> None:
    client.schedule_compute_worker_run(selection_config=config(SHARP))
    names = client.export_filenames_by_tag_name(client.get_all_tags()[0].name).splitlines()
    assert sorted(names) == ["5.png", "6.png", "7.png"]


def test_faults_of_a_job_are_listed_before_anything_is_read(client: ApiWorkflowClient) -> None:
    wrong = config({"input": {"type": "EMBEDINGS"}, "strategy": {"type": "DIVERSTY"}}, n=0)
    with pytest.raises(ConfigError) as faulty:
        client.schedule_compute_worker_run(selection_config=wrong)
    assert len(faulty.value.problems) == 3
    assert client.get_datasets()[0].n_samples == 0
    with pytest.raises(ValueError, match=r"selection_config is missing"):
        client.schedule_compute_worker_run(worker_config={})


def test_unknown_options_of_a_job_are_notes(
    client: ApiWorkflowClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    embedded(tmp_path / "photos")
    client.schedule_compute_worker_run(
        worker_config={"pretagging_debug": True, "of_tomorrow": {"a": 1}},
        selection_config=config(DIVERSE),
        priority="HIGH",
        runs_on=["gpu"],
    )
    said = capsys.readouterr().err
    assert "note: no meaning here: priority, runs_on" in said
    assert "pretagging_debug" in said
    assert "of_tomorrow" in said
    assert "3 samples selected of 3 asked; tag '20" in said


def test_tags_and_the_names_in_them(client: ApiWorkflowClient, tmp_path: Path) -> None:
    embedded(tmp_path / "photos")
    run = client.schedule_compute_worker_run(selection_config=config(DIVERSE))
    newest, every = client.get_all_tags()
    assert (newest.run_id, newest.tot_size, every.name, every.tot_size) == (
        run, 3, "initial-tag", 8,
    )  # fmt: skip
    assert newest.prev_tag_id == every.id
    assert client.get_filenames() == [f"{i}.png" for i in range(8)]
    picks = client.get_filenames_in_tag(newest)
    assert client.export_filenames_by_tag_id(newest.id).split("\n") == picks
    place = client.export_filenames_and_read_urls_by_tag_name(newest.name)[0]
    assert place["datasourceUrl"] == str(tmp_path / "photos" / picks[0])
    assert place["readUrl"].startswith("file:///")
    made = client.create_tag_from_filenames(["1.png", "0.png"], "by hand")
    assert client.get_filenames_in_tag(made) == ["1.png", "0.png"]
    client.delete_tag_by_name("by hand")
    with pytest.raises(ValueError, match=r"there is no tag 'by hand'"):
        client.get_tag_by_name("by hand")


def test_queries_may_be_named_by_the_id_of_a_dataset(
    client: ApiWorkflowClient, tmp_path: Path
) -> None:
    embedded(tmp_path / "photos")
    client.schedule_compute_worker_run(selection_config=config(DIVERSE))
    client.create_tag_from_filenames(["7.png"], "wanted")
    queries = {"type": "EMBEDDINGS", "dataset_id": client.dataset_id, "tag_name": "wanted"}
    nearest = {"input": queries, "strategy": {"type": "SIMILARITY"}}
    run = client.schedule_compute_worker_run(selection_config=config(nearest, n=2))
    tag = client.get_compute_worker_run_tags(run)[0]
    assert client.get_filenames_in_tag(tag) == ["7.png", "6.png"]


def test_relevant_names_are_found_beside_predictions(
    client: ApiWorkflowClient, tmp_path: Path
) -> None:
    embedded(tmp_path / "known")
    (tmp_path / "known" / ".lightly" / "some.txt").write_text("2.png\n3.png\n")
    client.set_local_config("known", purpose=DatasourcePurpose.LIGHTLY)
    run = client.schedule_compute_worker_run(
        worker_config={"relevant_filenames_file": "some.txt"},
        selection_config=config(DIVERSE, n=2),
    )
    names = client.get_filenames_in_tag(client.get_compute_worker_run_tags(run)[0])
    assert sorted(names) == ["2.png", "3.png"]


def test_a_run_that_finds_nothing_new_is_a_run_without_a_tag(
    client: ApiWorkflowClient, tmp_path: Path
) -> None:
    embedded(tmp_path / "photos")
    low = {**SHARP, "strategy": {"type": "THRESHOLD", "threshold": 1e9, "operation": "BIGGER"}}
    with pytest.warns(ShortSelection, match="no row is a candidate"):
        run = client.schedule_compute_worker_run(selection_config=config(DIVERSE, low))
    assert client.get_compute_worker_run_info(run).ended_successfully()
    assert client.get_compute_worker_run_tags(run) == []


def test_an_unknown_run_did_not_end_successfully(client: ApiWorkflowClient) -> None:
    info = client.get_compute_worker_run_info("no run")
    assert info.state == "CANCELED_OR_NOT_EXISTING"
    assert info.in_end_state()
    assert not info.ended_successfully()


def test_datasets_are_chosen_by_name_and_id(client: ApiWorkflowClient) -> None:
    shop = client.dataset_id
    client.create_new_dataset_with_unique_name("shop")
    assert [one.name for one in client.get_datasets()] == ["shop", "shop_1"]
    other = client.dataset_id
    client.set_dataset_id_by_name("shop")
    assert client.dataset_id == shop != other
    assert client.dataset_exists(other)
    assert client.get_dataset_by_id(other).name == "shop_1"
    with pytest.raises(ValueError, match=r"'shopp' does not exist.*shop, shop_1"):
        client.set_dataset_id_by_name("shopp")
    with pytest.raises(ValueError, match=r"no dataset is chosen.*'shop'.*'shop_1'"):
        ApiWorkflowClient().schedule_compute_worker_run(selection_config=config(DIVERSE))
    assert ApiWorkflowClient(dataset_id=other).dataset_id == other


class Purpose(str, Enum):  # noqa: UP042 - as in Lightly's client
    LIGHTLY = "LIGHTLY"


def test_enumerations_of_other_clients_are_texts(client: ApiWorkflowClient, tmp_path: Path) -> None:
    embedded(tmp_path / "known")
    client.set_local_config("known", purpose=Purpose.LIGHTLY)
    assert client.schedule_compute_worker_run(selection_config=config(DIVERSE))


def test_folders_are_those_of_this_machine(client: ApiWorkflowClient, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"s3://bucket/a is in the cloud.*set_local_config"):
        client.set_s3_config("s3://bucket/a", "eu", "key", "secret")
    with pytest.raises(ValueError, match=r"azure://box/a is in the cloud"):
        client.set_azure_config("box/a", "account", "token")
    with pytest.raises(ValueError, match=r"lost: no such folder"):
        client.set_local_config("lost")
    with pytest.raises(ValueError, match=r"purpose must be one of INPUT"):
        client.set_local_config("photos", purpose="OUTPUT")
    client.set_gcs_config("photos", "project", "{}")
    assert client.get_datasource().full_path == str(tmp_path / "photos")


@pytest.mark.parametrize(
    ("call", "cure"),
    [
        ("upload_embeddings", "sqlsel import"),
        ("download_compute_worker_run_artifacts", "export_filenames_by_tag_name"),
        ("download_raw_samples", "files are on this machine"),
        ("get_filename", "Did you mean 'get_filenames'"),
    ],
)
def test_an_unknown_call_says_what_to_do_instead(
    client: ApiWorkflowClient, call: str, cure: str
) -> None:
    with pytest.raises(AttributeError, match=cure):
        getattr(client, call)


def test_the_catalogue_is_that_of_the_command_line(
    client: ApiWorkflowClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    embedded(tmp_path / "photos")
    client.schedule_compute_worker_run(selection_config=config(DIVERSE))
    picks = client.export_filenames_by_tag_name(client.get_all_tags()[0].name)
    capsys.readouterr()
    (tmp_path / "c.json").write_text(json.dumps(config(DIVERSE)))
    assert _run(["run", "c.json", "--db", "sqlsel.duckdb"], debug=False) == 0
    assert capsys.readouterr().out.strip() == picks


def test_another_catalogue_and_silence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    client = ApiWorkflowClient("token", db=tmp_path / "other.duckdb", quiet=True)
    assert client.get_datasets() == []
    client.create_dataset("films", DatasetType.VIDEOS)
    assert (tmp_path / "other.duckdb").is_file()
    assert client.dataset_type == "Videos"
    assert capsys.readouterr().err == ""
