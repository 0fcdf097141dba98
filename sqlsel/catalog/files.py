"""The files that were read into a dataset, so that a second import reads what has changed."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from sqlsel.catalog.database import registered
from sqlsel.catalog.dataset import Dataset


def unread(dataset: Dataset, kind: str, listed: pa.Table, present: str | None = None) -> list[str]:
    """Of the ``listed`` files (path, size, modified) those that were not read as they are now.

    ``present``: a query of the paths of which the results are still there; others are read again.
    """
    there = "" if present is None else f" WHERE l.path IN ({present})"
    with registered(dataset.con, listed) as name:
        rows = dataset.con.execute(
            f"SELECT path FROM {name} EXCEPT SELECT l.path FROM {name} AS l "
            f"JOIN {dataset.table('files')} AS f ON f.path = l.path AND f.kind = ? "
            f"AND f.size = l.size AND f.modified = l.modified{there}",
            [kind],
        ).fetchall()
    return sorted(row[0] for row in rows)


def remember(dataset: Dataset, kind: str, listed: pa.Table, read: Sequence[str]) -> None:
    """Note that the files ``read`` were read as they are ``listed``."""
    files = pa.table({"path": pa.array(read, pa.string())})
    with (
        registered(dataset.con, listed) as name,
        registered(dataset.con, files, "sqlsel_read") as some,
    ):
        dataset.con.execute(
            f"INSERT OR REPLACE INTO {dataset.table('files')} "
            f"SELECT ?, path, size, modified FROM {name} SEMI JOIN {some} USING (path)",
            [kind],
        )


def forget(dataset: Dataset, kind: str) -> None:
    """No file was read for this purpose."""
    dataset.con.execute(f"DELETE FROM {dataset.table('files')} WHERE kind = ?", [kind])


def forget_imports(dataset: Dataset) -> None:
    """The next import reads all files: those of samples that are new were left out."""
    dataset.con.execute(
        f"DELETE FROM {dataset.table('files')} WHERE starts_with(kind, 'predictions_') "
        "OR kind IN ('metadata', 'metadata_schema', 'embeddings')"
    )
