"""What a statement gave: its rows, fetched once, and the facts of its selections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from sqlsel.fulfilment import Fulfilment
    from sqlsel.selection import Facts


class Result:
    """Rows of a statement, in pick order where it selects; reading twice selects once."""

    def __init__(self, table: pa.Table, facts: Sequence[Facts] = (), statement: str = "") -> None:
        self._table = table
        self._at = 0
        self.facts = tuple(facts)
        self.statement = statement

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
        """Why the last selection ended: 'budget', 'nobody feasible' or 'all rows'."""
        return self.facts[-1].stopped_by if self.facts else None

    @property
    def fulfilment(self) -> tuple[Fulfilment, ...]:
        """How far each objective of the last selection was reached."""
        return self.facts[-1].fulfilment if self.facts else ()

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows that were not fetched yet, as tuples."""
        rows = self._rows(self._at, len(self))
        self._at = len(self)
        return rows

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, or None."""
        if self._at >= len(self):
            return None
        self._at += 1
        return self._rows(self._at - 1, self._at)[0]

    def _rows(self, start: int, stop: int) -> list[tuple[Any, ...]]:
        part = self._table.slice(start, stop - start)
        return (
            list(zip(*(c.to_pylist() for c in part.columns), strict=True))
            if part.num_columns
            else []
        )

    def arrow(self) -> pa.Table:
        """The rows as an Arrow table."""
        return self._table

    def pl(self) -> pl.DataFrame:
        """The rows as a Polars frame."""
        import polars as pl

        return pl.DataFrame(self._table)

    def df(self) -> pd.DataFrame:
        """The rows as a pandas frame (needs pandas)."""
        return self._table.to_pandas()

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._table.__arrow_c_stream__(requested_schema)

    def show(self) -> None:
        """Print the rows as DuckDB prints them."""
        import duckdb

        duckdb.from_arrow(self._table).show()

    def __repr__(self) -> str:
        head = f"{len(self):,} rows × {len(self.columns)} columns: {', '.join(self.columns[:8])}"
        if not self.facts:
            return head
        facts = self.facts[-1]
        return (
            f"{head}\n{facts.n_selected:,} picked of {facts.n_candidates:,} candidates; "
            f"ended by: {facts.stopped_by}"
        )
