"""Vectors are copied only where they must be, and what the user has is never changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

import sqlsel.polars as sel
from sqlsel.engine.kernels.vector_input import Owned
from sqlsel.engine.objective import Pool
from sqlsel.polars import call
from tests.connection.subprocesses import python
from tests.parity.brute_force import unit
from tests.polars.frames import in_pieces

LISTS = pl.List(pl.Float32)


def whole(rows: int) -> np.ndarray:
    """Vectors that are not of unit length, and that every type of number can hold."""
    return np.random.default_rng(3).integers(1, 100, (rows, 3))


def taken(column: pl.Series, *given: Any, **options: Any) -> np.ndarray:
    """The vectors that the strategies are given."""
    seen: list[Any] = []
    choose = call.choose

    def watched(strategies: Any, columns: Any, *rest: Any) -> Any:
        seen.extend(columns)
        return choose(strategies, columns, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(call, "choose", watched)
        frame = column.to_frame("e")
        frame.select(sel.rank(*(given or [sel.diversity("e")]), n=2, **options))
    values: np.ndarray = seen[0].values
    return values


def test_unit_vectors_in_one_piece_are_not_copied() -> None:
    x = unit(np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32))
    column = pl.Series(x)
    for kind in (pl.Array(pl.Float32, 4), LISTS):
        values = taken(column.cast(kind))
        assert np.shares_memory(values, column.to_numpy())
        assert not isinstance(values, Owned)
    nested = pl.DataFrame({"m": pl.DataFrame({"v": column}).to_struct()})
    values = taken(nested["m"], sel.diversity("e.v"))
    assert np.shares_memory(values, column.to_numpy())
    prepared = sel.diversity("e").prepare(
        values, np.ones(50, np.bool_), Pool(np.ones(50, np.bool_))
    )
    assert np.shares_memory(prepared.column, column.to_numpy())


def test_several_pieces_are_copied_once_and_brought_to_unit_length_there() -> None:
    column = in_pieces(pl.DataFrame({"e": whole(60).astype(np.float32)}))["e"]
    values = taken(column)
    assert isinstance(values, Owned)
    np.testing.assert_allclose(np.linalg.norm(values, axis=1), 1, rtol=1e-6)
    assert not isinstance(taken(column, sel.diversity("e", normalize=False)), Owned)


@pytest.mark.parametrize("dtype", [pl.Float32, pl.Float64, pl.Int16], ids=str)
@pytest.mark.parametrize("pieces", [1, 4])
def test_the_data_are_never_changed(dtype: Any, pieces: int) -> None:
    column = pl.Series(whole(40).tolist(), dtype=pl.Array(dtype, 3))
    for given in (column, column.cast(pl.List(dtype)), column.to_frame("v").to_struct("s")):
        frame = in_pieces(pl.DataFrame({"e": given}), pieces)
        before = frame.clone().rechunk().to_dict(as_series=False)
        key = "e.v" if isinstance(given.dtype, pl.Struct) else "e"
        strategies = [
            sel.diversity(key),
            sel.typicality(key, normalize=False),
            sel.similarity(key, [[1, 2, 3]]),
        ]
        for chosen in (strategies[:1], strategies[1:2], strategies):
            frame.select(sel.rank(*chosen, n=5))
            assert frame.to_dict(as_series=False) == before


@pytest.mark.parametrize("pieces", [1, 4])
def test_strategies_over_one_column_do_not_disturb_each_other(pieces: int) -> None:
    frame = in_pieces(pl.DataFrame({"e": whole(40).astype(np.float32)}), pieces)
    apart = frame.with_columns(f=pl.col("e"), g=pl.col("e"))

    def chosen(*columns: str) -> list[Any]:
        kinds = (sel.diversity, sel.typicality, sel.diversity)
        normalize = (True, False, True)
        given = [k(c, normalize=n) for k, c, n in zip(kinds, columns, normalize, strict=True)]
        return apart.select(sel.trace(*given, n=20)).to_series().to_list()

    assert chosen("e", "e", "e") == chosen("e", "f", "g")


def test_pandas_is_not_imported_for_vectors_in_one_piece() -> None:
    """Its import takes half a second, and a Ctrl-C within it leaves Arrow unable to convert anything."""
    ended = python(
        "import sys, numpy as np, polars as pl, sqlsel.polars as sel\n"
        "for kind in (pl.Array(pl.Float32, 4), pl.List(pl.Float32)):\n"
        "    frame = pl.DataFrame({'e': pl.Series(np.eye(50, 4, dtype=np.float32) + 1).cast(kind)})\n"
        "    frame.filter(sel.select(sel.diversity('e'), n=3))\n"
        "print('pandas' in sys.modules)"
    )
    assert (ended.err, ended.out.strip()) == ("", "False")
