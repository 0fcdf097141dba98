"""The files of crops: which images can be cropped, and which pictures have gone."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from sqlsel.catalog import Dataset, datasets
from sqlsel.catalog.files import changed_files
from sqlsel.catalog.unfinished import FILE
from sqlsel.errors import CatalogError
from sqlsel.readers import Report
from sqlsel.readers.paths import Below
from sqlsel.readers.strict import Fault

CHANGED = "has changed since its objects were found; predict or import again"


def listed_for_crops(
    dataset: Dataset, task: str, root: Path, boxes: pa.Table, report: Report
) -> pa.Table:
    """The images with objects (path, size, modified); ``modified`` changes with the objects too.

    ``boxes``: file_name, size, state. Images that are not there, or not those that the objects were
    found in, are in the report. CatalogError where all of them are not there.
    """
    below, rows, states = Below(root), [], {}
    columns = (boxes[c].to_pylist() for c in ("file_name", "size", "state"))
    for name, size, state in zip(*columns, strict=True):
        try:
            about = Path(below.path(name)).stat()
        except (Fault, OSError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            report.skip(name, f"cannot be read: {why}")
            continue
        if size not in (None, about.st_size):
            report.skip(name, CHANGED)
            continue
        rows.append({"path": name, "size": about.st_size, "modified": about.st_mtime_ns})
        states[name] = state
    if len(boxes) and not rows:
        raise CatalogError(f"{root}: none of the images with objects is in this folder")
    rows = _as_predicted(dataset, task, pa.Table.from_pylist(rows, FILE), report)
    told = [{**row, "modified": row["modified"] ^ states[row["path"]]} for row in rows]
    return pa.Table.from_pylist(told, FILE)


def _as_predicted(
    dataset: Dataset, task: str, listed: pa.Table, report: Report
) -> list[dict[str, object]]:
    """The files that are what they were when sqlsel predicted their objects, where it did."""
    kind = f"computed_predictions_{task}"
    text = f"SELECT path FROM {dataset.table('files')} WHERE kind = ?"
    known = {row[0] for row in dataset.con.execute(text, [kind]).fetchall()}
    changed = known & set(changed_files(dataset, kind, listed))
    for name in sorted(changed):
        report.skip(name, CHANGED)
    return [row for row in listed.to_pylist() if row["path"] not in changed]


def without_pictures(target: Dataset, folder: Path) -> set[str]:
    """The images (parent_id) of which a crop has no picture in the folder any more."""
    if target.name not in datasets(target.con) or "parent_id" not in target.columns("samples"):
        return set()
    text = f"SELECT parent_id, file_name FROM {target.table('samples')}"
    rows = target.con.execute(text).fetchall()
    return {parent for parent, name in rows if not (folder / name).is_file()}
