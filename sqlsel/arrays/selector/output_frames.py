"""The container of the picked rows (``set_output``): NumPy, pandas or Polars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

KINDS = ("default", "pandas", "polars")


def check_kind(kind: Any) -> None:
    """ValueError for a kind that there is not."""
    if kind not in KINDS:
        raise ValueError(f"set_output: transform must be one of {', '.join(KINDS)}, got {kind!r}")


def as_kind(rows: Any, kind: str, names: Sequence[str]) -> Any:
    """A matrix, or a frame of the other library, as a frame of library ``kind``; 'default' leaves rows as they are.

    ``names``: the columns of the fitted matrix; one of another width has the columns x0, x1 …. Lists and arrays that
    are no matrix are given back unchanged. ValueError for sparse matrices and other types.
    """
    if kind == "default" or type(rows).__module__.partition(".")[0] == kind:
        return rows
    if isinstance(rows, list) or (isinstance(rows, np.ndarray) and rows.ndim != 2):
        return rows
    if isinstance(rows, np.ndarray):
        width = rows.shape[1]
        columns = names if len(names) == width else [f"x{i}" for i in range(width)]
        data: Any = {name: rows[:, i] for i, name in enumerate(columns)}
    elif hasattr(rows, "__dataframe__") or hasattr(rows, "__arrow_c_stream__"):
        data = rows
    else:
        raise ValueError(
            f"{type(rows).__name__} cannot be given as a frame of {kind}; "
            "ask for set_output(transform='default')"
        )
    if kind == "pandas":
        import pandas as pd

        return data.to_pandas() if hasattr(data, "to_pandas") else pd.DataFrame(data)
    import polars as pl

    return pl.DataFrame(data)
