"""Frames, the selection that is wanted of them, and a watch on what the function is given."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import polars as pl
import pytest

import sqlsel.polars as sel
from sqlsel.polars.call import Call
from sqlsel.polars.context import Context
from tests.parity.brute_force import unit

ENGINES = ["in-memory", "streaming"]


def samples(rows: int, *, seed: int = 0, first: int = 0) -> pl.DataFrame:
    """Rows with a shuffled id from ``first``, a group 0…4, a vector of 4, a number in 0…1 and a text."""
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "id": rng.permutation(rows) + first,
            "g": rng.integers(0, 5, rows),
            "e": pl.Series(rng.normal(size=(rows, 4)).astype(np.float32)),
            "w": rng.random(rows),
            "text": [f"row {i}" for i in range(rows)],
        }
    )


def in_pieces(frame: pl.DataFrame, pieces: int = 7) -> pl.DataFrame:
    """The frame in chunks, as of a file or a stream."""
    step = max(1, -(-len(frame) // pieces))
    return pl.concat([frame[at : at + step] for at in range(0, len(frame), step)], rechunk=False)


def farthest(frame: pl.DataFrame, n: int, *, id: str = "id", min_distance: float = 0) -> list[Any]:
    """The ids that farthest-first traversal of the unit vectors picks in float64, from the lowest id."""
    if frame.is_empty() or not n:
        return []
    frame = frame.drop_nulls("e").sort(id)
    x = unit(frame["e"].to_numpy()).astype(np.float64)
    near, picks = np.full(len(x), np.inf), []
    while len(picks) < min(n, len(x)):
        best = 0 if not picks else int(near.argmax())
        if near[best] < min_distance:
            break
        picks.append(best)
        near = np.minimum(near, np.sqrt(((x - x[best]) ** 2).sum(axis=1)))
        near[best] = -1
    ids: list[Any] = frame[id].gather(picks).to_list()
    return ids


def diverse(n: int = 12, **options: Any) -> pl.Expr:
    """The mask of the same selection."""
    return sel.select(sel.diversity("e"), n=n, **{"id": "id", **options})


@contextmanager
def watching() -> Iterator[list[int]]:
    """How many rows the function is given, a number for each call."""
    seen: list[int] = []
    called = Call.of

    def watched(self: Call, context: Context) -> pl.Series:
        seen.append(context.rows)
        return called(self, context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Call, "of", watched)
        yield seen


def program(
    text: str, *arguments: object, seconds: float = 60, **variables: str
) -> subprocess.CompletedProcess[str]:
    """A Python program that ran to its end, with these environment variables."""
    return subprocess.run(
        [sys.executable, "-c", text, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        env=os.environ | variables,
    )
