"""``rows``: the selected rows of a frame, in the order in which they were picked."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, overload

import polars as pl

from sqlsel.columns.foreign_tables import as_arrow, is_foreign
from sqlsel.engine.objective import Strategy
from sqlsel.errors import SelectionWarning
from sqlsel.polars.arrow_streams import read
from sqlsel.polars.building import Count, built
from sqlsel.polars.column_keys import Column, exactly
from sqlsel.polars.expressions import NCounts, OnInvalid
from sqlsel.polars.result_shapes import Rank
from sqlsel.polars.source import ROW, Ranked, scan
from sqlsel.process.progress_line import progress_line

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Progress: TypeAlias = bool | Callable[[int, int], None] | None


class SupportsArrowStream(Protocol):
    """A table of pyarrow, a frame of pandas or narwhals: whatever gives a stream of Arrow."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


@overload
def rows(
    data: pl.DataFrame,
    *strategies: Strategy | pl.Expr,
    n: Count | None = ...,
    proportion: float | None = ...,
    id: str | None = ...,
    by: str | Sequence[str] | None = ...,
    rank_column: str | None = ...,
    preselected: Column | None = ...,
    n_counts: NCounts = ...,
    seed: int = ...,
    on_invalid: OnInvalid = ...,
    progress: Progress = ...,
) -> pl.DataFrame: ...


@overload
def rows(
    data: pl.LazyFrame,
    *strategies: Strategy | pl.Expr,
    n: Count | None = ...,
    proportion: float | None = ...,
    id: str | None = ...,
    by: str | Sequence[str] | None = ...,
    rank_column: str | None = ...,
    preselected: Column | None = ...,
    n_counts: NCounts = ...,
    seed: int = ...,
    on_invalid: OnInvalid = ...,
    progress: Progress = ...,
) -> pl.LazyFrame: ...


@overload
def rows(
    data: SupportsArrowStream | duckdb.DuckDBPyRelation,
    *strategies: Strategy | pl.Expr,
    n: Count | None = ...,
    proportion: float | None = ...,
    id: str | None = ...,
    by: str | Sequence[str] | None = ...,
    rank_column: str | None = ...,
    preselected: Column | None = ...,
    n_counts: NCounts = ...,
    seed: int = ...,
    on_invalid: OnInvalid = ...,
    progress: Progress = ...,
) -> pa.Table: ...


def rows(
    data: Any,
    *strategies: Strategy | pl.Expr,
    n: Count | None = None,
    proportion: float | None = None,
    id: str | None = None,
    by: str | Sequence[str] | None = None,
    rank_column: str | None = None,
    preselected: Column | None = None,
    n_counts: NCounts = "new",
    seed: int = 0,
    on_invalid: OnInvalid = "error",
    progress: Progress = None,
) -> Any:
    """The selected rows, in pick order; with ``by`` one selection per group, the groups by ascending key, null last.

    A DataFrame gives a DataFrame, a LazyFrame a LazyFrame, anything else with a stream of Arrow a pyarrow Table,
    with Polars' types.
    A LazyFrame with an ``id`` is read twice: first the columns that the selection needs, then the picked rows, so
    that wide rows that are not picked are never in memory. It must give the same rows both times: files do.
    Without ``id`` it is read once and whole.

    ``id``, ``by``: names of columns, not keys. ``rank_column``: a name for a column of ranks (Int64, from 1, in each
    group anew). ``progress``: a function of (picked, asked), with ``by`` of each group anew; True or None: a line on
    a terminal or in a notebook; False: none. The other arguments are those of ``select``. Raises as ``select`` does;
    ColumnNotFoundError for an unknown name.
    """
    for name, column in (("id", id), ("rank_column", rank_column)):
        if column is not None and not isinstance(column, str):
            raise TypeError(f"{name} must be the name of a column, got {type(column).__name__}")
    groups = _groups(by)
    unseen = bool(groups) or (id is None and isinstance(data, pl.LazyFrame))
    report, remove = _progress(progress, quiet=unseen)
    selection = built(
        Rank(),
        strategies,
        n=n,
        proportion=proportion,
        id=_key(id, groups),
        preselected=preselected,
        n_counts=n_counts,
        seed=seed,
        on_invalid=on_invalid,
        progress=report,
    )
    ranked = Ranked(selection, groups, rank_column, remove)
    if is_foreign(data):
        data = as_arrow(data)
    if isinstance(data, pl.LazyFrame):
        kinds = "+".join(getattr(one, "kind", "condition") for one in strategies)
        if id is not None:
            count = f"n={n}" if n is not None else f"proportion={proportion}"
            return scan(data, ranked, id, f"SQLSEL {kinds}", f"{count} by={by} id={id}")
        text = "rows of a LazyFrame without id: ties are settled by position, which a join may change; give id"
        warnings.warn(text, SelectionWarning, stacklevel=2)
        return ranked.wide(data)
    if isinstance(data, pl.DataFrame):
        return ranked.eager(data)
    if hasattr(data, "__arrow_c_stream__"):
        return ranked.eager(read(data)).to_arrow()
    kind = type(data).__name__
    raise TypeError(
        f"rows needs a DataFrame, a LazyFrame or an object with a stream of Arrow, got {kind}"
    )


def _key(id: str | None, groups: list[str]) -> pl.Expr | None:
    """The ids: a column, or the rows' numbers among all rows where there are groups."""
    if id is None:
        return pl.col(ROW) if groups else None
    return exactly([id])[0]


def _groups(by: Any) -> list[str]:
    names = [by] if isinstance(by, str) else () if by is None else by
    if not (isinstance(names, Sequence) and all(isinstance(name, str) for name in names)):
        raise TypeError(f"by must be names of columns, got {by!r}")
    return list(dict.fromkeys(names))


def _progress(
    progress: Progress, *, quiet: bool
) -> tuple[Callable[[int, int], None] | None, Callable[[], None]]:
    """(the callback for each pick, a function that removes the line that it draws)."""
    if callable(progress):
        return progress, lambda: None
    if progress is not None and not isinstance(progress, bool):
        raise TypeError(f"progress must be a function, True or False, got {progress!r}")
    return progress_line(quiet=quiet or progress is False)
