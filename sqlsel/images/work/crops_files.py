"""Lists the images that can be cropped, and finds missing pictures of crops."""

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


def list_images_with_objects(
    dataset: Dataset, task: str, root: Path, boxes: pa.Table, report: Report
) -> pa.Table:
    """The images with objects (path, size, modified); ``modified`` also changes when the objects do.

    ``boxes``: file_name, size, state. Images that are missing, or have changed since their objects were
    found, are reported as skipped. CatalogError where all are missing.
    """
    below, rows, states = Below(root), [], {}
    columns = (boxes[c].to_pylist() for c in ("file_name", "size", "state"))
    for name, size, state in zip(*columns, strict=True):
        try:
            status = Path(below.path(name)).stat()
        except (Fault, OSError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            report.skip(name, f"cannot be read: {why}")
            continue
        if size not in (None, status.st_size):
            report.skip(name, CHANGED)
            continue
        rows.append({"path": name, "size": status.st_size, "modified": status.st_mtime_ns})
        states[name] = state
    if len(boxes) and not rows:
        raise CatalogError(f"{root}: none of the images with objects is in this folder")
    rows = _unchanged_since_prediction(dataset, task, pa.Table.from_pylist(rows, FILE), report)
    files = [{**row, "modified": row["modified"] ^ states[row["path"]]} for row in rows]
    return pa.Table.from_pylist(files, FILE)  # with the objects' state mixed into ``modified``


def _unchanged_since_prediction(
    dataset: Dataset, task: str, listed: pa.Table, report: Report
) -> list[dict[str, object]]:
    """The files that have not changed since sqlsel predicted their objects; others are reported as skipped."""
    kind = f"computed_predictions_{task}"
    text = f"SELECT path FROM {dataset.table('files')} WHERE kind = ?"
    predicted = {row[0] for row in dataset.con.execute(text, [kind]).fetchall()}
    changed = predicted & set(changed_files(dataset, kind, listed))
    for name in sorted(changed):
        report.skip(name, CHANGED)
    return [row for row in listed.to_pylist() if row["path"] not in changed]


def without_pictures(target: Dataset, folder: Path) -> set[str]:
    """The images (parent_id) that have a crop whose picture is missing in the folder."""
    if target.name not in datasets(target.con) or "parent_id" not in target.columns("samples"):
        return set()
    text = f"SELECT parent_id, file_name FROM {target.table('samples')}"
    rows = target.con.execute(text).fetchall()
    return {parent for parent, name in rows if not (folder / name).is_file()}
