"""Measures the pixels of images and stores them as ``lightly``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlsel.catalog import transaction
from sqlsel.catalog.files import changed_files, record_files
from sqlsel.catalog.measure_tables import LIGHTLY, put_measures
from sqlsel.catalog.unfinished import Unfinished
from sqlsel.images.pixels.measures import measure
from sqlsel.images.pixels.opening import BadImage, open_image
from sqlsel.images.work.file_work import Result, compute
from sqlsel.images.work.image_folder import Folder
from sqlsel.images.work.origins import filter_rows
from sqlsel.images.work.work_report import Progress, Throughput, no_progress

_KIND = "pixels"
_VERSION = "pixels 1"  # of the formulas: another one measures everything again


class Measurer:
    """Work on files: measures their pixels."""

    columns = LIGHTLY
    batch = 8
    n_bytes = 0

    def __call__(self, paths: Sequence[Path]) -> list[Result]:
        return [_measure_file(path) for path in paths]

    def message(self, names: Sequence[str]) -> dict[str, Any]:
        return {"what": "measure"}


def measure_folder(
    folder: Folder, *, threads: int | None = None, progress: Progress = no_progress
) -> Throughput:
    """Measure new and changed images; those that cannot be read are in the report."""
    dataset, con = folder.dataset, folder.dataset.con
    present = f"SELECT file_name FROM {dataset.table('samples')} WHERE lightly.width IS NOT NULL"
    new = set(changed_files(dataset, _KIND, folder.listed, present))
    todo = filter_rows(folder.listed, [path in new for path in folder.listed["path"].to_pylist()])
    unfinished = Unfinished(dataset, _KIND, _VERSION, LIGHTLY)
    throughput = compute(
        unfinished, folder.root, todo, Measurer(), threads=threads, progress=progress
    )
    with transaction(con):
        rows = unfinished.done()
        put_measures(dataset, rows.append_column("sample_id", rows["path"]))
        record_files(dataset, _KIND, folder.listed, rows["path"].to_pylist())
        folder.close(unfinished)
    folder.imported.note("samples", len(rows), "lightly")
    return throughput


def _measure_file(path: Path) -> Result:
    """The measures of a file as a row of LIGHTLY; BadImage where it cannot be read."""
    try:
        size = path.stat().st_size
        return {**asdict(measure(open_image(path))), "sizeInBytes": size}
    except OSError as error:
        return BadImage(f"cannot be read: {error.strerror or error}")
    except BadImage as reason:
        return reason
