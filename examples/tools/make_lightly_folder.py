"""Write a ``.lightly`` beside the digits, in the form that the Lightly Worker reads.

    python examples/tools/make_lightly_folder.py [FOLDER]

FOLDER (examples/out/digits) gets predictions of two tasks, metadata and embeddings: what
``sqlsel import lightly FOLDER`` makes a dataset of. ``digit_classifier`` is the classification of
``digits.parquet``. ``halves`` is INVENTED, to have a detection task: the upper and the lower half of
a picture are its objects, as far as they hold ink, and how much of it is their score.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import make_digits
import pyarrow.parquet as pq

SCHEMA = [
    {"name": "T", "path": "weather.temperature", "defaultValue": 0.0, "valueDataType": "NUMERIC_FLOAT"},
    {"name": "D", "path": "weather.description", "defaultValue": "unknown", "valueDataType": "CATEGORICAL_STRING"},
]  # fmt: skip


def make(folder: Path) -> Path:
    """``folder`` with its ``.lightly``."""
    lightly = make_digits.make(folder) / ".lightly"
    rows = pq.read_table(folder / "digits.parquet").to_pylist()
    halves = ["top", "bottom"]
    tasks = {
        "digit_classifier": ("classification", make_digits.NAMES),
        "halves": ("object-detection", halves),
    }
    _write(lightly / "predictions" / "tasks.json", list(tasks))
    for task, (kind, names) in tasks.items():
        categories = [{"id": i, "name": name} for i, name in enumerate(names)]
        schema = {"task_type": kind, "categories": categories}
        _write(lightly / "predictions" / task / "schema.json", schema)
    _write(lightly / "metadata" / "schema.json", SCHEMA)
    for row in rows:
        stem = row["file_name"].removesuffix(".png")
        told = {"digit_classifier": [_class(row)], "halves": list(_halves(row))}
        for task, predictions in told.items():
            file = lightly / "predictions" / task / f"{stem}.json"
            _write(file, {"file_name": row["file_name"], "predictions": predictions})
        metadata = {
            "file_name": row["file_name"],
            "type": "image",
            "metadata": {"weather": row["weather"]},
        }
        _write(lightly / "metadata" / f"{stem}.json", metadata)
    _write_embeddings(lightly / "embeddings" / "default.csv", rows)
    return folder


def _class(row: dict[str, Any]) -> dict[str, Any]:
    """The classification of a picture; rounding keeps the sum of the probabilities near 1."""
    probabilities = [round(p, 6) for p in row["probabilities"]]
    return {"category_id": probabilities.index(max(probabilities)), "probabilities": probabilities}


def _halves(row: dict[str, Any]) -> Any:
    """The halves of a picture that hold ink."""
    for i in range(2):
        ink = sum(row["embedding"][32 * i : 32 * i + 32]) / 32
        if ink > 0.25:
            yield {
                "category_id": i,
                "bbox": [0, 32 * i, 64, 32],
                "score": round(min(ink * 2, 1.0), 4),
            }


def _write_embeddings(path: Path, rows: list[dict[str, Any]]) -> None:
    width = len(rows[0]["embedding"])
    lines = [",".join(["filenames", *(f"embedding_{i}" for i in range(width)), "labels"])]
    lines += [",".join([r["file_name"], *map(str, r["embedding"]), "0"]) for r in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


if __name__ == "__main__":
    here = Path(__file__).parents[1] / "out" / "digits"
    print(make(Path(sys.argv[1]) if len(sys.argv) > 1 else here))
