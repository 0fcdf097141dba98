"""Scripts in the shape of those that Lightly documents run with one import line changed."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

NAMES = [f"street/{i:02}.jpg" for i in range(12)]

FIRST = """
from lightly.api import ApiWorkflowClient
from lightly.openapi_generated.swagger_client import DatasetType, DatasourcePurpose

client = ApiWorkflowClient(token="MY_TOKEN")
client.create_dataset(dataset_name="streets", dataset_type=DatasetType.IMAGES)
client.set_local_config(purpose=DatasourcePurpose.INPUT, relative_path="photos")
client.set_local_config(purpose=DatasourcePurpose.LIGHTLY, relative_path="known")

scheduled_run_id = client.schedule_compute_worker_run(
    worker_config={"shutdown_when_job_finished": True, "datasource": {"process_all": True}},
    selection_config={
        "n_samples": 4,
        "strategies": [{"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}],
    },
    lightly_config={"loader": {"batch_size": 16}},
)
for run_info in client.compute_worker_run_info_generator(scheduled_run_id=scheduled_run_id):
    print(f"the run is now in state='{run_info.state}' with message='{run_info.message}'")
assert run_info.ended_successfully()

run = client.get_compute_worker_run_from_scheduled_run(scheduled_run_id=scheduled_run_id)
tags = client.get_compute_worker_run_tags(run_id=run.id)
names = client.export_filenames_by_tag_name(tag_name=tags[0].name).splitlines()
"""

ARCHIVED = """
import lightly

client = lightly.api.ApiWorkflowClient(token="TOKEN", dataset_id="62987e77565fcdbf75c76268")
client.schedule_compute_worker_run(
    worker_config={
        "enable_corruptness_check": True,
        "remove_exact_duplicates": True,
        "enable_training": False,
        "pretagging": False,
        "pretagging_debug": False,
        "method": METHOD,
        "stopping_condition": {"n_samples": 0.25, "min_distance": -1},
        "scorer": "object-frequency",
        "scorer_config": {"frequency_penalty": 0.25, "min_score": 0.9},
        "active_learning": {"task_name": "weather", "score_name": "uncertainty_margin"},
    },
    lightly_config={
        "loader": {"batch_size": 16, "shuffle": True, "num_workers": -1, "drop_last": True},
        "model": {"name": "resnet-18", "out_dim": 128, "num_ftrs": 32, "width": 1},
        "trainer": {"gpus": 1, "max_epochs": 100, "precision": 32},
        "collate": {"input_size": 64, "cj_prob": 0.8, "cj_bright": 0.7},
    },
)
names = client.export_filenames_by_tag_name(client.get_all_tags()[0].name).splitlines()
"""

DATAPOOL = """
import time

import lightly
from lightly.openapi_generated.swagger_client import DockerRunState
from lightly.openapi_generated.swagger_client.models.dataset_type import DatasetType
from lightly.openapi_generated.swagger_client.models.datasource_purpose import DatasourcePurpose

client = lightly.api.ApiWorkflowClient(token="TOKEN")
try:
    client.create_dataset("pool", dataset_type=DatasetType.IMAGES)
except ValueError:
    client.set_dataset_id_by_name("pool")
client.set_s3_config(
    resource_path="photos",
    region="eu-central-1",
    access_key="KEY",
    secret_access_key="SECRET",
    thumbnail_suffix=None,
    purpose=DatasourcePurpose.INPUT,
)
client.set_local_config(purpose=DatasourcePurpose.LIGHTLY, relative_path="known")
run_id = client.schedule_compute_worker_run(
    worker_config={"use_datapool": True},
    selection_config={
        "n_samples": 3,
        "strategies": [
            {"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}},
            {
                "input": {"type": "SCORES", "task": "weather", "score": "uncertainty_entropy"},
                "strategy": {"type": "WEIGHTS"},
            },
        ],
    },
)
while True:
    info = client.get_compute_worker_run_info(run_id)
    if info.in_end_state():
        assert info.state == DockerRunState.COMPLETED
        break
    time.sleep(30)
pool = client.export_filenames_by_tag_name("datapool").splitlines()
"""

OBJECTS = """
from lightly.api import ApiWorkflowClient
from lightly.openapi_generated.swagger_client import (
    SelectionConfig,
    SelectionConfigEntry,
    SelectionConfigEntryInput,
    SelectionConfigEntryStrategy,
    SelectionInputType,
    SelectionStrategyThresholdOperation,
    SelectionStrategyType,
)

client = ApiWorkflowClient(token="TOKEN")
client.create_new_dataset_with_unique_name("objects")
client.set_local_config(relative_path="photos", purpose="INPUT")
client.set_local_config(relative_path="known", purpose="LIGHTLY")
config = SelectionConfig(
    proportion_samples=0.5,
    strategies=[
        SelectionConfigEntry(
            input=SelectionConfigEntryInput(type=SelectionInputType.EMBEDDINGS),
            strategy=SelectionConfigEntryStrategy(type=SelectionStrategyType.DIVERSITY),
        ),
        SelectionConfigEntry(
            input=SelectionConfigEntryInput(
                type=SelectionInputType.SCORES, task="weather", score="uncertainty_margin"
            ),
            strategy=SelectionConfigEntryStrategy(
                type=SelectionStrategyType.THRESHOLD,
                threshold=0.3,
                operation=SelectionStrategyThresholdOperation.BIGGER,
            ),
        ),
    ],
)
run_id = client.schedule_compute_worker_run(selection_config=config)
names = client.export_filenames_by_tag_name(client.get_all_tags()[0].name).splitlines()
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with photos, and beside them vectors and predictions of a task."""
    known = tmp_path / "known" / ".lightly"
    task = known / "predictions" / "weather"
    for folder in (tmp_path / "photos" / "street", known / "embeddings", task / "street"):
        folder.mkdir(parents=True)
    rows = ["filenames,embedding_0,embedding_1,labels"]
    (task.parent / "tasks.json").write_text('["weather"]')
    categories = [{"id": 0, "name": "sunny"}, {"id": 1, "name": "cloudy"}]
    _write(task / "schema.json", {"task_type": "classification", "categories": categories})
    for i, name in enumerate(NAMES):
        (tmp_path / "photos" / name).write_bytes(b"\xff\xd8" + name.encode())
        rows.append(f"{name},{i},1,0")
        found = {"category_id": 0, "probabilities": [1 - i / 30, i / 30], "score": 1 - i / 30}
        _write((task / name).with_suffix(".json"), {"file_name": name, "predictions": [found]})
    (known / "embeddings" / "default.csv").write_text("\n".join(rows) + "\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value))


def run(here: Path, script: str) -> dict[str, Any]:
    """Run a script whose imports of ``lightly`` are those of ``sqlsel.lightly``; its names."""
    text = script.replace("import lightly\n", "from sqlsel import lightly\n")
    text = text.replace("from lightly.", "from sqlsel.lightly.")
    (here / "script.py").write_text(text)
    return runpy.run_path(str(here / "script.py"))


def test_a_script_that_schedules_a_run_and_waits_for_it(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(here, FIRST)
    assert len(set(done["names"])) == 4
    assert set(done["names"]) <= set(NAMES)
    said = capsys.readouterr()
    assert "state='COMPLETED' with message='4 samples selected of 4 asked'" in said.out
    assert "note: the token is ignored" in said.err
    assert "no effect here: " in said.err
    assert (here / "sqlsel.duckdb").is_file()


def test_a_second_time_the_dataset_exists(here: Path) -> None:
    run(here, FIRST)
    with pytest.raises(ValueError, match=r"a dataset 'streets' exists.*set_dataset_id_by_name"):
        run(here, FIRST)


@pytest.mark.parametrize(
    ("method", "asks"),
    [
        ("coreset", [("EMBEDDINGS", "DIVERSITY")]),
        ("coral", [("EMBEDDINGS", "DIVERSITY"), ("SCORES", "WEIGHTS")]),
        ("random", [("RANDOM", "WEIGHTS")]),
    ],
)
def test_a_script_from_before_there_was_a_selection_config(
    here: Path, capsys: pytest.CaptureFixture[str], method: str, asks: list[tuple[str, str]]
) -> None:
    client = run(here, FIRST)["client"]
    done = run(here, ARCHIVED.replace("METHOD", repr(method)))
    assert len(done["names"]) == 3  # a quarter
    assert "'62987e77565fcdbf75c76268' is not in sqlsel.duckdb; 'streets' is used" in (
        capsys.readouterr().err
    )
    again = client.schedule_compute_worker_run(
        selection_config={
            "proportion_samples": 0.25,
            "strategies": [
                {"input": _INPUTS[kind], "strategy": {"type": strategy}} for kind, strategy in asks
            ],
        }
    )
    tag = client.get_compute_worker_run_tags(again)[0]
    assert client.export_filenames_by_tag_name(tag.name).splitlines() == done["names"]


_INPUTS = {
    "EMBEDDINGS": {"type": "EMBEDDINGS"},
    "SCORES": {"type": "SCORES", "task": "weather", "score": "uncertainty_margin"},
    "RANDOM": {"type": "RANDOM"},
}


def test_a_script_of_a_datapool_that_grows(here: Path) -> None:
    first = run(here, DATAPOOL)["pool"]
    second = run(here, DATAPOOL)["pool"]
    assert len(set(first)) == 3
    assert len(set(second)) == 6
    assert second[:3] == first


def test_a_script_that_builds_its_selection_of_objects(here: Path) -> None:
    names = run(here, OBJECTS)["names"]
    assert len(names) == 6  # a half of all
    assert min(names) >= "street/05.jpg"  # 2 · 5 / 30 is the first margin above the threshold
