"""The objects of a task as a dataset of their own: pictures, ``lightly``, vectors, predictions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from sqlsel.catalog import Dataset, create_dataset, make_views, open_dataset, prepare, transaction
from sqlsel.catalog.crops import boxes_of
from sqlsel.catalog.pool import objects_of
from sqlsel.catalog.unfinished import Unfinished
from sqlsel.computing.cropping import CROPS, Cropper
from sqlsel.computing.crops_tables import keep_crops
from sqlsel.computing.engine import compute
from sqlsel.computing.origins import Computed
from sqlsel.computing.progress import Pace, Progress, silent
from sqlsel.errors import CatalogError, InvalidInput
from sqlsel.importing.steps import Imported
from sqlsel.ingest import Report
from sqlsel.ingest.paths import Below
from sqlsel.ingest.strict import Fault
from sqlsel.models.session import Model


@dataclass(frozen=True)
class Crops:
    """What is to be cropped: the objects of a task, their images below ``root``, the pictures' folder."""

    task: str
    root: Path
    target: Path
    name: str | None = None
    padding: float = 0.0
    model: Model | None = None

    @property
    def fingerprint(self) -> str:
        """Changes with whatever changes all crops."""
        model = self.model.fingerprint if self.model else "no model"
        return f"crops 1, padding {self.padding:g}, {model}, {self.target.resolve()}"


def make_crops(
    con: duckdb.DuckDBPyConnection,
    wanted: Crops,
    data: str | None = None,
    *,
    threads: int | None = None,
    progress: Progress = silent,
) -> tuple[Imported, Pace]:
    """Crop the objects of images that are new or changed, of the dataset ``data``.

    Gives the dataset of the crops (``<dataset>_<task>`` unless named); the objects of the task get
    ``lightly`` and ``embedding`` of their own too. Raises CatalogError for tasks without boxes.
    """
    if not 0 <= wanted.padding <= 10:
        raise InvalidInput(f"padding must be a number from 0 to 10, got {wanted.padding:g}")
    if not wanted.root.is_dir():
        raise CatalogError(f"{wanted.root}: no such folder")
    prepare(con)
    parent = open_dataset(con, data)
    objects_of(parent, wanted.task)
    report = Report()
    boxes = boxes_of(parent, wanted.task)
    listed = _listed(wanted.root, boxes, report)
    table = Computed(parent, f"crops_{wanted.task}", wanted.fingerprint)
    unfinished = Unfinished(parent, table.table, wanted.fingerprint, CROPS)
    pace = compute(
        unfinished,
        wanted.root,
        table.lacking(listed),
        Cropper(wanted.root, wanted.target, _boxes(boxes), wanted.padding, wanted.model),
        threads=threads,
        progress=progress,
    )
    with transaction(con):
        done = Imported(_target(con, parent, wanted), report)
        table.clear()
        keep_crops(
            done, parent, wanted.task, wanted.padding, unfinished.done("path, crops"), listed
        )
        table.note(listed, unfinished.done("path")["path"].to_pylist())
        for path, reason in unfinished.failed():
            report.skip(path, reason)
        unfinished.drop()
        make_views(parent)
        make_views(done.dataset)
    return done, pace


def _target(con: duckdb.DuckDBPyConnection, parent: Dataset, wanted: Crops) -> Dataset:
    return create_dataset(con, wanted.name or f"{parent.name}_{wanted.task}")


def _boxes(boxes: pa.Table) -> dict[str, list[list[float]]]:
    """The boxes of each file, in the order of its objects."""
    names, objects = boxes["file_name"].to_pylist(), boxes["objects"].to_pylist()
    return {name: [one["bbox"] for one in some] for name, some in zip(names, objects, strict=True)}


def _listed(root: Path, boxes: pa.Table, report: Report) -> pa.Table:
    """The images with objects (path, size, modified); ``modified`` changes with the objects too."""
    below = Below(root)
    rows = []
    for name, state in zip(*(boxes[c].to_pylist() for c in ("file_name", "state")), strict=True):
        try:
            about = Path(below.path(name)).stat()
        except (Fault, OSError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            report.skip(name, f"cannot be read: {why}")
            continue
        rows.append({"path": name, "size": about.st_size, "modified": about.st_mtime_ns ^ state})
    if len(boxes) and not rows:
        raise CatalogError(f"{root}: none of the images with objects is in this folder")
    kinds = {"path": pa.string(), "size": pa.int64(), "modified": pa.int64()}
    return pa.Table.from_pylist(rows, pa.schema(list(kinds.items())))
