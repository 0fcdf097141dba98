"""The objects of a task as a dataset of their own: pictures, ``lightly``, vectors, predictions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from sqlsel.catalog import Dataset, create_dataset, make_views, open_dataset, prepare, transaction
from sqlsel.catalog.crop_tables import boxes_of, check_source, cropped, record_source
from sqlsel.catalog.imports.steps import Imported
from sqlsel.catalog.pool_views import objects_of
from sqlsel.catalog.unfinished import Unfinished
from sqlsel.errors import CatalogError, InvalidInput
from sqlsel.images.models.open_model import Model
from sqlsel.images.work.cropping import CROPS, Cropper
from sqlsel.images.work.crops_files import listed_for_crops, without_pictures
from sqlsel.images.work.crops_tables import keep_crops
from sqlsel.images.work.file_work import compute
from sqlsel.images.work.origins import Computed, only
from sqlsel.images.work.work_report import Pace, Progress, silent
from sqlsel.readers import Report


@dataclass(frozen=True)
class Crops:
    """What is to be cropped: the objects of a task, their images below ``root``, the pictures' folder."""

    task: str
    root: Path
    target: Path
    name: str | None = None
    padding: float = 0.0
    model: Model | None = None

    def check(self) -> None:
        """InvalidInput or CatalogError for a padding or a folder that cannot be used."""
        if not 0 <= self.padding <= 10:
            raise InvalidInput(f"padding must be a number from 0 to 10, got {self.padding:g}")
        if not self.root.is_dir():
            raise CatalogError(f"{self.root}: no such folder")
        if self.target.resolve().is_relative_to(self.root.resolve()):
            raise CatalogError(
                f"{self.target}: pictures among the images would become samples; "
                "give a folder outside of them with -o"
            )

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
    replace: bool = False,
    threads: int | None = None,
    progress: Progress = silent,
) -> tuple[Imported, Pace]:
    """Crop the objects of images that are new or changed, of the dataset ``data``.

    Gives the dataset of the crops (``<dataset>_<task>`` unless named); the objects of the task get
    ``lightly`` and ``embedding`` of their own too. Raises CatalogError for tasks without boxes, and
    where vectors of the objects were imported, unless ``replace``.
    """
    wanted.check()
    prepare(con)
    parent = open_dataset(con, data, lambda one: _has_task_and_images(one, wanted))
    objects_of(parent, wanted.task)
    tables = _Tables.of(parent, wanted)
    tables.check(replace=replace, embedded=wanted.model is not None)
    report = Report()
    boxes = boxes_of(parent, wanted.task)
    listed = listed_for_crops(parent, wanted.task, wanted.root, boxes, report)
    cropper = Cropper(wanted.root, wanted.target, _boxes(boxes), wanted.padding, wanted.model)
    unfinished = Unfinished(parent, tables.crops.table, wanted.fingerprint, CROPS)
    lacking = _lacking(tables, wanted, listed)
    pace = compute(unfinished, wanted.root, lacking, cropper, threads=threads, progress=progress)
    with transaction(con):
        done = Imported(create_dataset(con, tables.target.name), report)
        record_source(done.dataset, tables.source)
        tables.clear(embedded=wanted.model is not None)
        keep_crops(done, parent, wanted.task, wanted.padding, unfinished, listed)
        tables.note(listed, unfinished, embedded=wanted.model is not None)
        make_views(parent)
        make_views(done.dataset)
    return done, pace


def _has_task_and_images(dataset: Dataset, wanted: Crops) -> bool:
    """Whether the dataset has the task, and most of its first images are in the folder."""
    text = f"SELECT file_name FROM {dataset.table('samples')} ORDER BY file_name ASC LIMIT 50"
    names = [row[0] for row in dataset.con.execute(text).fetchall()]
    here = sum((wanted.root / name).is_file() for name in names)
    return wanted.task in dataset.tasks() and 2 * here > len(names)


@dataclass(frozen=True)
class _Tables:
    """Where crops go: the dataset of their own, and two tables beside the predictions of the parent."""

    target: Dataset
    source: tuple[str, str, str]
    crops: Computed
    vectors: Computed

    @classmethod
    def of(cls, parent: Dataset, wanted: Crops) -> _Tables:
        return cls(
            Dataset(parent.con, wanted.name or f"{parent.name}_{wanted.task}"),
            (parent.name, wanted.task, str(wanted.target.resolve())),
            Computed(parent, f"crops_{wanted.task}", wanted.fingerprint),
            Computed(parent, f"embeddings_{wanted.task}", wanted.fingerprint),
        )

    def check(self, *, replace: bool, embedded: bool) -> None:
        """CatalogError where the dataset or the vectors of the objects are somebody else's."""
        check_source(self.target, self.source)
        if embedded and not self.vectors.is_computed:
            self.vectors.check(
                f"vectors of the objects of task {self.source[1]!r}", replace=replace
            )

    def clear(self, *, embedded: bool) -> None:
        """Drop what was made in another way."""
        self.crops.clear()
        if embedded or self.vectors.is_computed:
            self.vectors.clear()

    def note(self, listed: pa.Table, unfinished: Unfinished, *, embedded: bool) -> None:
        """The work is done: note of which images."""
        self.crops.note(listed, unfinished.done("path")["path"].to_pylist())
        if embedded:
            self.vectors.note(listed, [])
        unfinished.drop()


def _lacking(tables: _Tables, wanted: Crops, listed: pa.Table) -> pa.Table:
    """The images whose objects are to be cropped: new, changed, or with a picture that has gone."""
    present = cropped(tables.crops.dataset, wanted.task, tables.target)
    new = set(tables.crops.lacking(listed, present)["path"].to_pylist())
    gone = without_pictures(tables.target, wanted.target)
    return only(listed, [path in new or path in gone for path in listed["path"].to_pylist()])


def _boxes(boxes: pa.Table) -> dict[str, list[list[float]]]:
    """The boxes of each file, in the order of its objects."""
    return dict(zip(*(boxes[c].to_pylist() for c in ("file_name", "boxes")), strict=True))
