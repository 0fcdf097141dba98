"""``lightly`` of images: what their pixels tell, without a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from sqlsel.catalog import transaction
from sqlsel.catalog.files import remember, unread
from sqlsel.catalog.measures import LIGHTLY, put_measures
from sqlsel.catalog.unfinished import Unfinished
from sqlsel.computing.engine import Result, compute
from sqlsel.computing.folder import Folder
from sqlsel.computing.origins import only
from sqlsel.computing.progress import Pace, Progress, silent
from sqlsel.images.measures import measure
from sqlsel.images.opening import BadImage, open_image

_KIND = "pixels"
_VERSION = "pixels 1"  # of the formulas: another one measures everything again
_BATCH = 8


def measure_folder(
    folder: Folder, *, threads: int | None = None, progress: Progress = silent
) -> Pace:
    """Measure the images that are new or changed; images that cannot be read are in the report."""
    dataset, con = folder.dataset, folder.dataset.con
    new = set(unread(dataset, _KIND, folder.listed))
    todo = only(folder.listed, [path in new for path in folder.listed["path"].to_pylist()])
    unfinished = Unfinished(dataset, _KIND, _VERSION, LIGHTLY)
    pace = compute(
        unfinished, folder.root, todo, measured, batch=_BATCH, threads=threads, progress=progress
    )
    with transaction(con):
        rows = unfinished.done()
        put_measures(dataset, rows.append_column("sample_id", rows["path"]))
        remember(dataset, _KIND, folder.listed, rows["path"].to_pylist())
        folder.close(unfinished)
    folder.done.note("samples", len(rows), "lightly")
    return pace


def measured(paths: Sequence[Path]) -> list[Result]:
    """What is measured of each file, as a row of LIGHTLY, or why nothing is."""
    found: list[Result] = []
    for path in paths:
        try:
            size = path.stat().st_size
            found.append({**asdict(measure(open_image(path))), "sizeInBytes": size})
        except OSError as error:
            found.append(BadImage(f"cannot be read: {error.strerror or error}"))
        except BadImage as reason:
            found.append(reason)
    return found
