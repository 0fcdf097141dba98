"""Label Studio's export, through the program: joined to a folder, and to a selection."""

from __future__ import annotations

from pathlib import Path

from importing.program import Json, Program, Rows, write


def entry(image: str, label: str, weather: str | None = None, score: float | None = None) -> Json:
    value = {"x": 10, "y": 20, "width": 30, "height": 40, "rectanglelabels": [label]}
    box = {"type": "rectanglelabels", "from_name": "label", "value": value,
           "original_width": 1000, "original_height": 100}  # fmt: skip
    choice = {"type": "choices", "from_name": "weather", "value": {"choices": [weather]}}
    made = [] if score is None else [{"score": score, "result": [box]}]
    marked = [{"result": [box, choice] if weather else [box]}]
    return {"data": {"image": image}, "annotations": marked, "predictions": made}


def test_an_export_is_joined_to_a_folder(
    photos: Path, db: Path, tmp_path: Path, program: Program, rows: Rows
) -> None:
    program("import", "lightly", photos, "--db", db)
    export = write(tmp_path / "export.json", [
        entry("/data/upload/3/0a1b2c3d-b.jpg", "car", "sunny", 0.25),
        entry("/data/local-files/?d=photos/cam2/a.jpg", "van", "rainy"),
        entry("/data/upload/3/0a1b2c3d-z.jpg", "van"),
    ])  # fmt: skip
    done = program("import", "label-studio", export, "--db", db, "--name", "photos")
    assert done.code == 0, done.err
    assert [line.split()[0] for line in done.out.splitlines()] == [
        "photos.predictions_label:", "photos.predictions_label_predictions:",
        "photos.predictions_weather:",
    ]  # fmt: skip
    assert "names that are written otherwise are joined (2)" in done.err
    assert "predictions of no sample are left out (1): z.jpg" in done.err
    assert rows("SELECT sample_id, category, score, bbox FROM photos.objects_label ORDER BY 1") == [
        ("cam1/b.jpg#1", "car", 1.0, {"x": 100, "y": 20, "w": 300, "h": 40}),
        ("cam2/a.jpg#1", "van", 1.0, {"x": 100, "y": 20, "w": 300, "h": 40}),
    ]
    assert rows("SELECT score FROM photos.objects_label_predictions") == [(0.25,)]
    text = "SELECT label.objects IS NULL, weather.class_distribution FROM photos.catalog ORDER BY sample_id"
    known = [row[0] for row in rows(text)]
    assert known == [
        True,
        False,
        False,
        True,
    ]  # images that the export does not have are not labelled
    config = write(tmp_path / "c.json", {"n_samples": 1, "strategies": [
        {"input": {"type": "PREDICTIONS", "task": "weather", "name": "CLASS_DISTRIBUTION"},
         "strategy": {"type": "BALANCE", "target": {"rainy": 1.0}}}]})  # fmt: skip
    assert program("run", config, "--db", db).out.splitlines() == ["cam2/a.jpg"]


def test_an_export_alone_makes_a_dataset_and_a_second_one_adds_labels(
    db: Path, tmp_path: Path, program: Program, rows: Rows
) -> None:
    write(tmp_path / "one.json", [entry("s3://bucket/a.jpg", "van")])
    write(tmp_path / "two.json", [entry("s3://bucket/a.jpg", "car")])
    program("import", "label-studio", tmp_path / "one.json", "--db", db, "--name", "d",
            "--strip-prefix", "s3://bucket/", "--task", "cars")  # fmt: skip
    assert rows("SELECT sample_id, category FROM d.objects_cars") == [("a.jpg#1", "van")]
    done = program("import", "label-studio", tmp_path / "two.json", "--db", db, "--name", "d",
                   "--task", "cars")  # fmt: skip
    assert done.code == 0, done.err
    assert rows("SELECT sample_id, category FROM d.objects_cars") == [("a.jpg#1", "car")]
    assert rows("SELECT categories FROM d.tasks") == [
        ([{"id": 0, "name": "van"}, {"id": 1, "name": "car"}],)
    ]


def test_a_control_of_a_name_that_is_taken_costs_that_control(
    db: Path, tmp_path: Path, program: Program, rows: Rows
) -> None:
    one = entry("a.jpg", "car", "sunny")
    one["annotations"][0]["result"][1]["from_name"] = "lightly"
    export = write(tmp_path / "export.json", [one])
    done = program("import", "label-studio", export, "--db", db, "--name", "d")
    assert done.code == 0, done.err
    assert "left out: lightly: task 'lightly': a column of every dataset has the name" in done.err
    assert rows("SELECT name FROM d.tasks") == [("label",)]


def test_an_export_of_no_sample_is_an_error(
    photos: Path, db: Path, tmp_path: Path, program: Program
) -> None:
    program("import", "lightly", photos, "--db", db)
    export = write(tmp_path / "export.json", [entry("z.jpg", "car", "sunny")])
    done = program("import", "label-studio", export, "--db", db, "--name", "photos")
    assert (done.code, done.out) == (1, "")
    assert "none of the 1 images of label, weather belongs to a sample" in done.err
