"""The result of a statement: its rows, fetched once, and the facts of its selections."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlsel.errors import InvalidInput
from sqlsel.sqltext.values import is_lossy, native_rows

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from sqlsel.engine.objective.fulfilment import Fulfilment
    from sqlsel.feed import Facts


@cache
def _own_connection() -> Any:
    """A connection of our own that converts Arrow tables to rows; the user's may be closed by then."""
    import duckdb

    con = duckdb.connect()
    atexit.register(con.close)
    return con


class Result:
    """Rows of a statement, in pick order where it selects; reading twice selects once."""

    def __init__(
        self,
        table: pa.Table,
        facts: Sequence[Facts] = (),
        statement: str = "",
        types: Sequence[Any] = (),
    ) -> None:
        self._table, self._types = table, types
        self._rows: list[tuple[Any, ...]] | None = None
        self._at = 0
        self.facts = tuple(facts)
        self.statement = statement

    def changed(self, change: Callable[[pa.Table], pa.Table]) -> Result:
        """The result with ``change(table)``; columns with a name from before have its DuckDB type, new ones DOUBLE."""
        import duckdb

        table = change(self._table)
        types = dict(zip(self._table.column_names, self._types, strict=True))
        new_types = [types.get(name, duckdb.sqltype("DOUBLE")) for name in table.column_names]
        return Result(table, self.facts, self.statement, new_types)

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self._table.column_names)

    @property
    def n_candidates(self) -> int | None:
        """Candidates of the last selection; None for a statement that selects nothing."""
        return self.facts[-1].n_candidates if self.facts else None

    @property
    def stopped_by(self) -> str | None:
        """Why the last selection ended: 'budget', 'max_sum', 'nobody feasible' or 'all rows'."""
        return self.facts[-1].stopped_by if self.facts else None

    @property
    def fulfilment(self) -> tuple[Fulfilment, ...]:
        """How far each objective of the last selection was reached."""
        return self.facts[-1].fulfilment if self.facts else ()

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows that were not fetched yet, as tuples of the values that DuckDB gives."""
        start, self._at = self._at, len(self)
        return self._all_rows()[start:]

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, or None."""
        if self._at >= len(self):
            return None
        self._at += 1
        return self._all_rows()[self._at - 1]

    def _all_rows(self) -> list[tuple[Any, ...]]:
        if self._rows is None:
            rows = self._relation().fetchall() if self.columns else []
            self._rows = native_rows(rows, self._types)
        return self._rows

    def _relation(self) -> Any:
        """The rows as a relation of a DuckDB connection that sqlsel keeps for results."""
        return _own_connection().cursor().from_arrow(self._table)

    def arrow(self) -> pa.Table:
        """The rows as an Arrow table."""
        if not any(map(is_lossy, self._types)):
            return self._table
        from sqlsel.columns.storage import unpacked_table

        return unpacked_table(self._table)

    def pl(self) -> pl.DataFrame:
        """The rows as a Polars frame."""
        import polars as pl

        table = self._without_unions("Polars")
        wide = [f.name for f in table.schema if str(f.type) == "decimal256(39, 0)"]
        for name in wide:  # Polars reads its UInt128 from text, not from a decimal of 256 bits
            place = table.column_names.index(name)
            table = table.set_column(place, name, table.column(place).cast("string"))
        return pl.DataFrame(table).cast(dict.fromkeys(wide, pl.UInt128))

    def df(self) -> pd.DataFrame:
        """The rows as a pandas frame (needs pandas)."""
        return self._without_unions("pandas").to_pandas()

    def _without_unions(self, library: str) -> pa.Table:
        """The Arrow table; InvalidInput where a column is or holds a UNION, which makes ``library`` panic."""
        from sqlsel.columns.types import has_union

        table = self.arrow()
        for field in table.schema:
            if has_union(field.type):
                raise InvalidInput(
                    f"{library} has no UNION, as {field.name} is one or holds one; "
                    f"select one of its types, as in union_extract({field.name}, …), or {field.name}::VARCHAR"
                )
        return table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.arrow().__arrow_c_stream__(requested_schema)

    def show(self) -> None:
        """Print the rows as DuckDB prints them."""
        self._relation().show()

    def __repr__(self) -> str:
        head = f"{len(self):,} rows × {len(self.columns)} columns: {', '.join(self.columns[:8])}"
        picked = (
            f"{facts.n_selected:,} picked of {facts.n_candidates:,} candidates; "
            f"ended by: {facts.stopped_by}"
            for facts in self.facts
        )
        return "\n".join([head, *picked])
