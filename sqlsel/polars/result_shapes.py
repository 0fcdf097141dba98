"""The picks as a column: a mask, ranks, or a struct of all that is known of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sqlsel.engine.kernels.exact import Index, Vector


@dataclass(frozen=True)
class Picks:
    """The picks among ``count`` rows, in order: their rows, gains, and a value per strategy."""

    count: int
    rows: Index = field(default_factory=lambda: np.empty(0, np.int64))
    gain: Vector = field(default_factory=lambda: np.empty(0))
    values: NDArray[np.float64] | None = None

    def spread(self, values: Vector) -> pl.Series:
        """Values of the picks as a column over all rows, null where a row was not picked or has no value."""
        column = np.full(self.count, np.nan)
        column[self.rows] = np.where(np.isfinite(values), values, np.nan)
        return pl.Series(column, dtype=pl.Float64).fill_nan(None)


class Shape(Protocol):
    """A form in which an expression shows the picks: the name of its column, its type, its values."""

    name: ClassVar[str]

    @property
    def dtype(self) -> pl.DataType:
        """The type of the column."""
        ...

    def series(self, picks: Picks) -> pl.Series:
        """One value per row."""
        ...


@dataclass(frozen=True)
class Mask:
    """Whether a row was picked; never null."""

    name: ClassVar[str] = "selected"
    dtype: pl.DataType = field(default_factory=pl.Boolean)

    def series(self, picks: Picks) -> pl.Series:
        mask = np.zeros(picks.count, np.bool_)
        mask[picks.rows] = True
        return pl.Series(self.name, mask, dtype=pl.Boolean)


@dataclass(frozen=True)
class Rank:
    """The place in the order of picking, from 1; null where a row was not picked."""

    name: ClassVar[str] = "rank"
    dtype: pl.DataType = field(default_factory=pl.Int64)

    def series(self, picks: Picks) -> pl.Series:
        ranks = np.zeros(picks.count, np.int64)
        ranks[picks.rows] = np.arange(1, len(picks.rows) + 1)
        column = pl.Series(self.name, ranks, dtype=pl.Int64)
        return column.replace(0, None)


@dataclass(frozen=True)
class Trace:
    """A struct of selected, rank, gain and one value per strategy, which ``names`` names."""

    name: ClassVar[str] = "selection"
    names: tuple[str, ...]

    @property
    def dtype(self) -> pl.DataType:
        values = dict.fromkeys(self.names, pl.Float64)
        return pl.Struct({"selected": pl.Boolean, "rank": pl.Int64, "gain": pl.Float64, **values})

    def series(self, picks: Picks) -> pl.Series:
        fields = {"selected": Mask().series(picks), "rank": Rank().series(picks)}
        fields["gain"] = picks.spread(picks.gain)
        for i, name in enumerate(self.names):
            fields[name] = picks.spread(np.empty(0) if picks.values is None else picks.values[:, i])
        return pl.DataFrame(fields).to_struct(self.name)
