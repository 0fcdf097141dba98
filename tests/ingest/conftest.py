"""A ``.lightly`` folder to fill, and readers of it that give plain Python values."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from sqlsel.readers import Report, Task
from sqlsel.readers.folder_files import list_files
from sqlsel.readers.metadata import read_metadata
from sqlsel.readers.predictions import read_predictions, read_tasks


class Lightly:
    """Writes files below ``root/.lightly`` and reads them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".lightly"
        self.report = Report()

    def write(self, name: str, value: Any) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = value if isinstance(value, str) else json.dumps(value)
        path.write_text(text, encoding="utf-8")
        return path

    def task(self, kind: str = "object-detection", categories: Any = None, name: str = "t") -> None:
        categories = categories or [{"id": 0, "name": "car"}, {"id": 5, "name": "person"}]
        self.write("predictions/tasks.json", [name])
        self.write(f"predictions/{name}/schema.json", {"task_type": kind, "categories": categories})

    def tasks(self) -> list[Task]:
        return read_tasks(self.folder, self.report)

    def predictions(
        self, names: Collection[str] = ("a.png",), processes: int | None = None
    ) -> list[dict[str, Any]]:
        (task,) = self.tasks()
        folder = self.folder / "predictions" / task.name
        paths = list_files(folder, ".json", self.report)["path"].to_pylist()
        found = read_predictions(folder, task, paths, names, self.report, processes=processes)
        return [row for batch in found for row in batch.to_pylist()]

    def metadata(self, names: Collection[str] = ("a.png",), **options: Any) -> list[dict[str, Any]]:
        folder = self.folder / "metadata"
        paths = list_files(folder, ".json", self.report)["path"].to_pylist()
        return read_metadata(folder, paths, names, self.report, **options).to_pylist()

    @property
    def skipped(self) -> list[tuple[str, str]]:
        return [(skipped.path, skipped.reason) for skipped in self.report.skipped]


@pytest.fixture
def lightly(tmp_path: Path) -> Lightly:
    return Lightly(tmp_path)
