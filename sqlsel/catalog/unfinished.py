"""Work that takes long: what is done of it is kept, and is there after an interruption."""

from __future__ import annotations

import pyarrow as pa

from sqlsel.catalog.database import registered
from sqlsel.catalog.dataset import Dataset
from sqlsel.catalog.origin import note_origin, origin

FILE = pa.schema([("path", pa.string()), ("size", pa.int64()), ("modified", pa.int64())])
REASON = pa.field("reason", pa.string())  # why nothing came of a file


class Unfinished:
    """What came of each file so far: path, size, modified, reason, and the columns of ``schema``.

    It is begun anew where the ``fingerprint`` is another one: other settings, another model.
    """

    def __init__(self, dataset: Dataset, name: str, fingerprint: str, schema: pa.Schema) -> None:
        self._con = dataset.con
        self.table = dataset.table(f"unfinished_{name}")
        self.schema = pa.schema([*FILE, REASON, *schema])
        if origin(dataset, f"unfinished_{name}") == fingerprint:
            return
        with registered(self._con, self.schema.empty_table()) as empty:
            self._con.execute(f"CREATE OR REPLACE TABLE {self.table} AS FROM {empty}")
        note_origin(dataset, f"unfinished_{name}", fingerprint)

    def left_of(self, listed: pa.Table) -> pa.Table:
        """The files of ``listed`` that are to be done; what was done of others is dropped."""
        same = "USING (path, size, modified)"
        with registered(self._con, listed.select(FILE.names)) as name:
            self._con.execute(
                f"CREATE OR REPLACE TEMP TABLE sqlsel_done AS FROM {self.table} SEMI JOIN {name} {same}"
            )
            self._con.execute(f"DELETE FROM {self.table}")
            self._con.execute(f"INSERT INTO {self.table} FROM sqlsel_done")
            self._con.execute("DROP TABLE sqlsel_done")
            text = f"FROM {name} ANTI JOIN {self.table} {same} ORDER BY path ASC"
            return self._con.sql(text).to_arrow_table()

    def add(self, rows: pa.Table) -> None:
        """Keep what came of some files."""
        with registered(self._con, rows.select(self.schema.names)) as name:
            self._con.execute(f"INSERT INTO {self.table} FROM {name}")

    def failed(self) -> list[tuple[str, str]]:
        """The files of which nothing came, with the reason."""
        text = f"SELECT path, reason FROM {self.table} WHERE reason IS NOT NULL ORDER BY path ASC"
        return self._con.execute(text).fetchall()

    def done(self, columns: str = "*") -> pa.Table:
        """The rows of which something came, in the order of the paths."""
        text = f"SELECT {columns} FROM {self.table} WHERE reason IS NULL ORDER BY path ASC"
        return self._con.sql(text).to_arrow_table()

    def drop(self) -> None:
        """The work is finished, and its results are where they belong."""
        self._con.execute(f"DROP TABLE {self.table}")
