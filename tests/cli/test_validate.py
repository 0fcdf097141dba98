"""``validate`` says what ``run`` would say: all problems at once, on folders, files and catalogues."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

import sqlsel
from sqlsel.cli.main import _run

Json = dict[str, Any]
IMAGES = [f"{i}.png" for i in range(6)]
EMBEDDINGS = {"type": "EMBEDDINGS"}
DIVERSITY = {"type": "DIVERSITY"}
WEIGHTS = {"type": "WEIGHTS"}
SIMILAR = {"type": "SIMILARITY"}
GOOD = (EMBEDDINGS, DIVERSITY)
ROWS = {"type": "PREDICTIONS", "task": "weather", "name": "CLASS_DISTRIBUTION"}


def key(path: str) -> Json:
    return {"type": "METADATA", "key": path}


def score(task: str, name: str) -> Json:
    return {"type": "SCORES", "task": task, "score": name}


def target(**shares: Any) -> Json:
    return {"type": "BALANCE", "target": shares}


def queries(tag: str, dataset: str | None = None) -> Json:
    return {**EMBEDDINGS, "tag_name": tag, **({"dataset_id": dataset} if dataset else {})}


def config(*pairs: tuple[Any, Any], **more: Any) -> Json:
    strategies = [{"input": source, "strategy": strategy} for source, strategy in pairs]
    return {"n_samples": 2, "strategies": strategies, **more}


def job(selection: Json, **worker: Any) -> Json:
    return {"selection_config": selection, "worker_config": worker}


# Faults of the configuration alone: the configuration, and the place of each problem.
ALONE: list[tuple[Json, list[str]]] = [
    (config(GOOD, n_samples=0), ["n_samples"]),
    (config(GOOD, n_samples=True), ["n_samples"]),
    (config(GOOD, n_samples="5"), ["n_samples"]),
    (config(GOOD, proportion_samples=0.5), [""]),
    (config(GOOD, n_samples=-1), [""]),
    (config(GOOD, n_samples=-1, proportion_samples=2), ["proportion_samples"]),
    (config(GOOD, n_sample=3), [""]),
    (config(), ["strategies"]),
    (config((EMBEDDINGS, {"type": "DIVERSTY"})), ["strategies[0].strategy.type"]),
    (config((EMBEDDINGS, {**DIVERSITY, "min_distance": 0.1})), ["strategies[0].strategy"]),
    (config((EMBEDDINGS, {**DIVERSITY, "metric": "cosine"})), ["strategies[0].strategy"]),
    (config((EMBEDDINGS, {**DIVERSITY, "similarity": 0.95})), ["strategies[0].strategy"]),
    (config((EMBEDDINGS, {**DIVERSITY, "strength": 1e10})), ["strategies[0].strategy.strength"]),
    (config((EMBEDDINGS, WEIGHTS)), ["strategies[0]"]),
    (config((queries("tag1"), DIVERSITY)), ["strategies[0].input"]),
    (config((EMBEDDINGS, SIMILAR)), ["strategies[0].input"]),
    (config((score("weather", ""), WEIGHTS)), ["strategies[0].input"]),
    (config((key("scene.temperature"), {"type": "THRESHOLD", "threshold": 1})), ["strategies[0].strategy"]),
    (config((key("scene.temperature"), {"type": "THRESHOLD", "threshold": "1", "operation": "ABOVE"})), ["strategies[0].strategy.threshold", "strategies[0].strategy.operation"]),
    (config((key("scene.kind"), target(street=-1, sky="a"))), ["strategies[0].strategy.target", "strategies[0].strategy.target"]),
    (config(({"type": "RANDOM", "random_seed": 0.5}, WEIGHTS)), ["strategies[0].input.random_seed"]),
    (config(GOOD, lightly_path_regex="("), ["lightly_path_regex"]),
]  # fmt: skip

# Faults against the data, and those of both kinds together.
AGAINST_DATA: list[tuple[Json, list[str]]] = [
    (config((score("wether", "uncertainty_entropy"), WEIGHTS)), ["strategies[0].input.task"]),
    (config((score("weather", "uncertainty_entropi"), WEIGHTS)), ["strategies[0].input.score"]),
    (config((key("scene.temprature"), WEIGHTS)), ["strategies[0].input.key"]),
    (config((key("scene.kind"), WEIGHTS)), ["strategies[0].input.key"]),
    (config((key("scene"), WEIGHTS)), ["strategies[0].input.key"]),
    (config((key("scene.temperature"), target(warm=1))), ["strategies[0].input.key"]),
    (config((key("lightly.sharpness"), WEIGHTS)), ["strategies[0].input.key"]),
    (config(({**ROWS, "task": "lightly_pretagging"}, target(car=1))), ["strategies[0].input.task"]),
    (config((ROWS, target(suny=0.5, cloudy=0.5))), ["strategies[0].strategy.target"]),
    (config((ROWS, target(suny=0.5, rain=0.5))), ["strategies[0].strategy.target"] * 2),
    (config(({**EMBEDDINGS, "task": "wether"}, DIVERSITY)), ["strategies[0].input.task"]),
    (config(({**EMBEDDINGS, "task": "weather"}, DIVERSITY)), ["strategies[0].input.task"]),
    (config((queries("no-tag", "no-dataset"), SIMILAR)), ["strategies[0].input.dataset_id"]),
    (config((key("scene.hour"), target(one=0.5, two=0.5))), ["strategies[0].strategy.target"] * 2),
    (config((key("scene.dry"), target(yes=1))), ["strategies[0].strategy.target"]),
    (config(GOOD, auto_tasks=[{"type": "TILING", "name": "tiles", "num_rows": 2, "num_cols": 2}]), ["auto_tasks"]),
    (job(config(GOOD), pretagging=True), ["worker_config.pretagging"]),
    (job(config(GOOD), relevant_filenames_file="lost.txt"), ["worker_config.relevant_filenames_file"]),
    (config((score("wether", "uncertainty_entropy"), WEIGHTS), GOOD, (key("scene.nothing"), WEIGHTS)), ["strategies[0].input.task", "strategies[2].input.key"]),
    (config((EMBEDDINGS, {"type": "DIVERSTY"}), (key("scene.nothing"), WEIGHTS)), ["strategies[0].strategy.type", "strategies[1].input.key"]),
    (config((key("scene.nothing"), WEIGHTS), n_samples=0), ["n_samples", "strategies[0].input.key"]),
    (job(config((key("scene.nothing"), WEIGHTS), (EMBEDDINGS, {**DIVERSITY, "k": 1})), pretagging=True, relevant_filenames_file="lost.txt"), ["selection_config.strategies[1].strategy", "worker_config.relevant_filenames_file", "worker_config.pretagging", "selection_config.strategies[0].input.key"]),
]  # fmt: skip


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """One small data set as a folder, a Parquet file and a catalogue."""
    root = tmp_path_factory.mktemp("places")
    _folder(root / "images")
    catalogue = ["--db", str(root / "sqlsel.duckdb")]
    assert _run(["import", "lightly", str(root / "images"), *catalogue], debug=False) == 0
    with duckdb.connect() as con:
        con.execute(
            f"""COPY (SELECT i || '.png' AS file_name, [i, 1.0]::FLOAT[2] AS embedding,
                {{'temperature': i * 1.5, 'kind': 'street', 'hour': i, 'dry': true}} AS scene,
                {{'probabilities': [.5, .5], 'class_distribution': {{'sunny': .5, 'cloudy': .5}}}} AS weather
                FROM range(6) t(i)) TO '{root}/images.parquet'"""
        ).fetchall()
    return {
        "folder": ["--data", str(root / "images")],
        "parquet": ["--data", str(root / "images.parquet")],
        "catalogue": catalogue,
    }


def _folder(images: Path) -> None:
    task, metadata = images / ".lightly/predictions/weather", images / ".lightly/metadata"
    for made in (task, metadata, images / ".lightly/embeddings"):
        made.mkdir(parents=True)
    (task.parent / "tasks.json").write_text('["weather"]')
    categories = [{"id": 0, "name": "sunny"}, {"id": 1, "name": "cloudy"}]
    _write(task / "schema.json", {"task_type": "classification", "categories": categories})
    rows = ["filenames,embedding_0,embedding_1,labels"]
    for i, name in enumerate(IMAGES):
        (images / name).write_bytes(b"")
        found = [{"category_id": 0, "probabilities": [0.5, 0.5], "score": 0.5}]
        _write(task / f"{i}.json", {"file_name": name, "predictions": found})
        scene = {"temperature": i * 1.5, "kind": "street", "hour": i, "dry": True}
        _write(
            metadata / f"{i}.json",
            {"file_name": name, "type": "image", "metadata": {"scene": scene}},
        )
        rows.append(f"{name},{i},1,0")
    (images / ".lightly/embeddings/model.csv").write_text("\n".join(rows) + "\n")


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value))


@pytest.fixture
def errors_of(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, list[str]]]:
    def said(*arguments: str) -> tuple[int, list[str]]:
        capsys.readouterr()
        code = _run(list(arguments), debug=False)
        lines = capsys.readouterr().err.splitlines()
        return code, [line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")]

    return said


def _elsewhere(fault: tuple[Json, list[str]], place: str) -> bool:
    """Whether ``make test-slow`` tries a fault there.

    Of the configuration alone, which no data is read for, one place tells as much as three; faults against the data
    are tried on Parquet, and in turn on a folder or a catalogue.
    """
    if fault in ALONE:
        return place != "parquet"
    return place == ("folder", "catalogue")[AGAINST_DATA.index(fault) % 2]


@pytest.mark.parametrize(
    ("faulty", "paths", "place"),
    [
        pytest.param(*fault, place, marks=pytest.mark.slow if _elsewhere(fault, place) else ())
        for fault in ALONE + AGAINST_DATA
        for place in ["parquet", "folder", "catalogue"]
    ],
)
def test_validate_and_run_say_the_same(places, place, errors_of, tmp_path, faulty, paths) -> None:
    file = tmp_path / "selection.json"
    _write(file, faulty)
    checked = errors_of("validate", str(file), *places[place])
    assert checked == errors_of("run", str(file), *places[place])
    code, problems = checked
    assert code in (1, 2)
    starts = [f"selection.json: {path}: " if path else "selection.json: " for path in paths]
    assert len(problems) == len(starts), problems
    for problem, start in zip(problems, starts, strict=True):
        assert problem.startswith(start)


@pytest.mark.parametrize(("faulty", "paths"), ALONE + AGAINST_DATA)
def test_in_python_both_raise_the_same(places, faulty, paths) -> None:
    data = places["parquet"][1]
    with pytest.raises(sqlsel.SqlselError) as ran:
        sqlsel.run(faulty, data)
    with pytest.raises(sqlsel.SqlselError) as checked:
        sqlsel.validate(faulty, data)
    assert type(checked.value) is type(ran.value)
    assert checked.value.problems == ran.value.problems
    assert len(ran.value.problems) == len(paths)


@pytest.mark.parametrize(("faulty", "paths"), ALONE)
def test_without_data_it_lists_the_faults_of_the_configuration(faulty, paths) -> None:
    with pytest.raises(sqlsel.ConfigError) as checked:
        sqlsel.validate(faulty)
    assert len(checked.value.problems) == len(paths)


def test_without_data_it_says_what_it_could_not_check() -> None:
    checked = sqlsel.validate(config(GOOD))
    assert str(checked) == "ok: 1 strategy"
    assert "without data" in checked.notes[0]


def test_options_at_fault_are_told_with_the_faults_of_the_configuration(places) -> None:
    with pytest.raises(sqlsel.CatalogError) as checked:
        sqlsel.validate(config((key("scene.x"), WEIGHTS)), places["parquet"][1], id="nmae", preselected="n", datasets={"a": "b.parquet"})  # fmt: skip
    lines = [problem.split(".")[0] for problem in checked.value.problems]
    assert lines == ["unknown column 'nmae'", "unknown column, tag or file of preselected samples 'n'", "b", "strategies[0]"]  # fmt: skip
