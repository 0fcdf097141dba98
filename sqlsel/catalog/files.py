"""The table ``files`` of a dataset: the files that were read, so that a second import reads only changed ones."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from sqlsel.catalog.database import registered
from sqlsel.catalog.dataset import Dataset


def changed_files(
    dataset: Dataset, kind: str, listed: pa.Table, present: str | None = None
) -> list[str]:
    """The paths of the ``listed`` files (path, size, modified) that are new or changed since they were read.

    ``kind``: what they were read for. ``present``: a query of the paths whose results still exist; others
    count as changed.
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


def record_files(dataset: Dataset, kind: str, listed: pa.Table, read: Sequence[str]) -> None:
    """Record that the files ``read`` (paths) were read, with size and time of change as ``listed``."""
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
    """Delete the records of one kind, so that all its files count as changed."""
    dataset.con.execute(f"DELETE FROM {dataset.table('files')} WHERE kind = ?", [kind])


def forget_imports(dataset: Dataset) -> None:
    """Delete the records of an import's files, so that the next import reads all of them.

    Needed when samples were added: what the files say of them was left out before.
    """
    dataset.con.execute(
        f"DELETE FROM {dataset.table('files')} WHERE starts_with(kind, 'predictions_') "
        "OR kind IN ('metadata', 'metadata_schema', 'embeddings')"
    )
