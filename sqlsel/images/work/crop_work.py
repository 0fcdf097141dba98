"""Makes a dataset of the objects of a task: pictures, ``lightly``, vectors, predictions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from sqlsel.catalog import Dataset, create_dataset, make_views, open_dataset, prepare, transaction
from sqlsel.catalog.crop_tables import boxes_of, check_source, cropped_files, record_source
from sqlsel.catalog.imports.steps import Imported
from sqlsel.catalog.pool_views import objects_of
from sqlsel.catalog.unfinished import Unfinished
from sqlsel.errors import CatalogError, InvalidInput
from sqlsel.images.models.open_model import Model
from sqlsel.images.work.cropping import CROPS, Cropper
from sqlsel.images.work.crops_files import list_images_with_objects, without_pictures
from sqlsel.images.work.crops_tables import store_crops
from sqlsel.images.work.file_work import compute
from sqlsel.images.work.origins import Computed, filter_rows
from sqlsel.images.work.work_report import Progress, Throughput, no_progress
from sqlsel.readers import Report


@dataclass(frozen=True)
class CropJob:
    """What to crop: the objects of ``task``, from images below ``root`` into pictures below ``target``.

    ``name``: of the new dataset; ``padding``: widens boxes, 0.1 by 10 %; ``model``: gives the crops vectors.
    """

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
        """A text that differs whenever all crops have to be made again."""
        model = self.model.fingerprint if self.model else "no model"
        return f"crops 1, padding {self.padding:g}, {model}, {self.target.resolve()}"


def make_crops(
    con: duckdb.DuckDBPyConnection,
    job: CropJob,
    data: str | None = None,
    *,
    replace: bool = False,
    threads: int | None = None,
    progress: Progress = no_progress,
) -> tuple[Imported, Throughput]:
    """Crop the objects of new and changed images of the dataset ``data``, and store the results.

    Gives the dataset of the crops (``<dataset>_<task>`` unless named) and the throughput; the objects of the
    task get ``lightly`` and ``embedding`` of their own, too. CatalogError for tasks without boxes, and
    where vectors of the objects were imported, unless ``replace``.
    """
    job.check()
    prepare(con)
    parent = open_dataset(con, data, lambda dataset: _has_task_and_images(dataset, job))
    objects_of(parent, job.task)
    tables = _Tables.of(parent, job)
    tables.check(replace=replace, embedded=job.model is not None)  # before hours of work
    report = Report()
    boxes = boxes_of(parent, job.task)
    listed = list_images_with_objects(parent, job.task, job.root, boxes, report)
    cropper = Cropper(job.root, job.target, _boxes(boxes), job.padding, job.model)
    unfinished = Unfinished(parent, tables.crops.table, job.fingerprint, CROPS)
    todo = _images_to_crop(tables, job, listed)
    throughput = compute(unfinished, job.root, todo, cropper, threads=threads, progress=progress)
    with transaction(con):
        imported = Imported(create_dataset(con, tables.target.name), report)
        record_source(imported.dataset, tables.source)
        tables.clear(embedded=job.model is not None)
        store_crops(imported, parent, job.task, job.padding, unfinished, listed)
        tables.note(listed, unfinished, embedded=job.model is not None)
        make_views(parent)
        make_views(imported.dataset)
    return imported, throughput


def _has_task_and_images(dataset: Dataset, job: CropJob) -> bool:
    """Whether the dataset has the task, and most of its first 50 images are in the folder."""
    text = f"SELECT file_name FROM {dataset.table('samples')} ORDER BY file_name ASC LIMIT 50"
    names = [row[0] for row in dataset.con.execute(text).fetchall()]
    n_found = sum((job.root / name).is_file() for name in names)
    return job.task in dataset.tasks() and 2 * n_found > len(names)  # some files may be gone


@dataclass(frozen=True)
class _Tables:
    """The tables for crops: the dataset of their own, and two tables beside the predictions of the parent."""

    target: Dataset
    source: tuple[str, str, str]
    crops: Computed
    vectors: Computed

    @classmethod
    def of(cls, parent: Dataset, job: CropJob) -> _Tables:
        """The tables for a job; nothing is written yet."""
        return cls(
            Dataset(parent.con, job.name or f"{parent.name}_{job.task}"),
            (parent.name, job.task, str(job.target.resolve())),
            Computed(parent, f"crops_{job.task}", job.fingerprint),
            Computed(parent, f"embeddings_{job.task}", job.fingerprint),
        )

    def check(self, *, replace: bool, embedded: bool) -> None:
        """CatalogError where the dataset or the vectors of the objects have another origin."""
        check_source(self.target, self.source)
        if embedded and not self.vectors.is_computed:
            self.vectors.check(
                f"vectors of the objects of task {self.source[1]!r}", replace=replace
            )

    def clear(self, *, embedded: bool) -> None:
        """Drop tables that were computed with other settings."""
        self.crops.clear()
        if embedded or self.vectors.is_computed:
            self.vectors.clear()

    def note(self, listed: pa.Table, unfinished: Unfinished, *, embedded: bool) -> None:
        """Record that the images were processed, and drop the unfinished work."""
        self.crops.note(listed, unfinished.done("path")["path"].to_pylist())
        if embedded:
            self.vectors.note(listed, [])
        unfinished.drop()


def _images_to_crop(tables: _Tables, job: CropJob, listed: pa.Table) -> pa.Table:
    """The images whose objects are to be cropped: new, changed, or with a picture that is missing."""
    present = cropped_files(tables.crops.dataset, job.task, tables.target)
    new = set(tables.crops.outdated(listed, present)["path"].to_pylist())
    gone = without_pictures(tables.target, job.target)
    return filter_rows(listed, [path in new or path in gone for path in listed["path"].to_pylist()])


def _boxes(boxes: pa.Table) -> dict[str, list[list[float]]]:
    """The boxes of each file, in the order of its objects."""
    return dict(zip(*(boxes[c].to_pylist() for c in ("file_name", "boxes")), strict=True))
