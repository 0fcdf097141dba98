"""Results of long work on files, stored one by one, so that it can be continued after an interruption."""

from __future__ import annotations

import pyarrow as pa

from sqlsel.catalog.database import registered
from sqlsel.catalog.dataset import Dataset

FILE = pa.schema([("path", pa.string()), ("size", pa.int64()), ("modified", pa.int64())])
REASON = pa.field("reason", pa.string())  # why a file failed; NULL where it has a result


class Unfinished:
    """The table of results so far, a row per file: path, size, modified, reason, and the columns of ``schema``.

    ``fingerprint`` stands for the model and its settings; the table is emptied where it has changed.
    """

    def __init__(self, dataset: Dataset, name: str, fingerprint: str, schema: pa.Schema) -> None:
        self._con = dataset.con
        self.table = dataset.table(f"unfinished_{name}")
        self.schema = pa.schema([*FILE, REASON, *schema])
        if dataset.origin(f"unfinished_{name}") == fingerprint:
            return
        with registered(self._con, self.schema.empty_table()) as empty:
            self._con.execute(f"CREATE OR REPLACE TABLE {self.table} AS FROM {empty}")
        dataset.record_origin(f"unfinished_{name}", fingerprint)

    def remaining(self, listed: pa.Table) -> pa.Table:
        """The files of ``listed`` without a result yet, by path; results of changed or missing files are deleted."""
        same = "USING (path, size, modified)"
        with registered(self._con, listed.select(FILE.names)) as name:
            self._con.execute(
                f"CREATE OR REPLACE TEMP TABLE sqlsel_done AS FROM {self.table} SEMI JOIN {name} {same}"
            )
            # DELETE and INSERT rather than CREATE OR REPLACE, which would lose the origin.
            self._con.execute(f"DELETE FROM {self.table}")
            self._con.execute(f"INSERT INTO {self.table} FROM sqlsel_done")
            self._con.execute("DROP TABLE sqlsel_done")
            text = f"FROM {name} ANTI JOIN {self.table} {same} ORDER BY path ASC"
            return self._con.sql(text).to_arrow_table()

    def add(self, rows: pa.Table) -> None:
        """Store the results of some files."""
        with registered(self._con, rows.select(self.schema.names)) as name:
            self._con.execute(f"INSERT INTO {self.table} FROM {name}")

    def failed(self) -> list[tuple[str, str]]:
        """(path, reason) of the files that failed."""
        text = f"SELECT path, reason FROM {self.table} WHERE reason IS NOT NULL ORDER BY path ASC"
        return self._con.execute(text).fetchall()

    def done(self, columns: str = "*") -> pa.Table:
        """The rows with a result, by path."""
        text = f"SELECT {columns} FROM {self.table} WHERE reason IS NULL ORDER BY path ASC"
        return self._con.sql(text).to_arrow_table()

    def drop(self) -> None:
        """Drop the table, once its results are stored elsewhere."""
        self._con.execute(f"DROP TABLE {self.table}")
