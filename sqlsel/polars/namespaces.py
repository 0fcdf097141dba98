"""The namespace ``.sel`` on Polars' frames, and the typed door to it and to that on expressions, ``ns``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar, overload

import polars as pl

from sqlsel.engine.objective import Strategy
from sqlsel.polars.building import Count
from sqlsel.polars.column_keys import Column
from sqlsel.polars.columnwise import ExprSelection
from sqlsel.polars.expressions import NCounts, OnInvalid
from sqlsel.polars.frame_rows import Progress, rows

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


class _FrameSelection(Generic[Frame]):
    """The selected rows of this frame: ``df.sel.rows(sel.diversity("embedding"), n=100)``."""

    def __init__(self, frame: Frame) -> None:
        self._frame: Frame = frame

    def rows(
        self,
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
    ) -> Frame:
        """The selected rows in pick order, as ``sel.rows`` of this frame."""
        return rows(
            self._frame,
            *strategies,
            n=n,
            proportion=proportion,
            id=id,
            by=by,
            rank_column=rank_column,
            preselected=preselected,
            n_counts=n_counts,
            seed=seed,
            on_invalid=on_invalid,
            progress=progress,
        )


@pl.api.register_dataframe_namespace("sel")
class DataFrameSelection(_FrameSelection[pl.DataFrame]):
    """The selected rows of a DataFrame."""


@pl.api.register_lazyframe_namespace("sel")
class LazyFrameSelection(_FrameSelection[pl.LazyFrame]):
    """The selected rows of a LazyFrame."""


@overload
def ns(obj: pl.Expr) -> ExprSelection: ...
@overload
def ns(obj: pl.DataFrame) -> DataFrameSelection: ...
@overload
def ns(obj: pl.LazyFrame) -> LazyFrameSelection: ...
def ns(obj: Any) -> Any:
    """The namespace ``.sel`` of an expression or a frame, which type checkers cannot see: ``sel.ns(lf).rows(…)``."""
    kinds = {
        pl.Expr: ExprSelection,
        pl.DataFrame: DataFrameSelection,
        pl.LazyFrame: LazyFrameSelection,
    }
    for kind, namespace in kinds.items():
        if isinstance(obj, kind):
            return namespace(obj)
    raise TypeError(f"ns needs a Polars expression or frame, got {type(obj).__name__}")
