"""Strategies from outside with an option ``normalize``: hints of cosines, and vectors that keep their lengths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pytest

import sqlsel
from sqlsel.engine.kernels.object_lists import ingest_embeddings
from sqlsel.engine.objective import Pool, Prepared, Strategy, scaled_sums
from sqlsel.engine.objective.strategy import Takes
from sqlsel.engine.strategies import STRATEGIES, register

HINT = "between unit vectors"


@dataclass(frozen=True, eq=False)
class Long(Strategy):
    """Prefer long vectors: U = Σ norm."""

    kind: ClassVar[str] = "long"
    takes: ClassVar[Takes] = "vectors"

    input: Any
    _: KW_ONLY
    normalize: bool = False

    def prepare(self, values: Any, present: Any, pool: Pool) -> Prepared:
        vectors = ingest_embeddings(
            values, present, pool.rows, normalize=self.normalize, on_invalid="error"
        )
        norms = np.linalg.norm(vectors.matrix.astype(np.float64), axis=1)
        column, objective = scaled_sums(norms, vectors.present & pool.rows, 1.0)
        return Prepared(column, vectors.present, objective)


@dataclass(frozen=True, eq=False)
class LongUnit(Long):
    """Prefer long vectors: U = Σ norm."""

    kind: ClassVar[str] = "long_unit"
    unit_distance: ClassVar[bool] = True


@pytest.fixture(autouse=True)
def both() -> Iterator[None]:
    register(Long)
    register(LongUnit)
    yield
    del STRATEGIES["LONG"], STRATEGIES["LONG_UNIT"]


def in_sql(kind: str) -> None:
    text = f"SELECT id FROM pool USING STRATEGY {kind.upper()}(v, metric := 'cosine') LIMIT 1"
    sqlsel.connect().sql(text)


def in_python(kind: str) -> None:
    getattr(sqlsel, kind)([[1.0]], metric="cosine")


def in_json(kind: str) -> None:
    strategy = {"type": kind.upper(), "metric": "cosine"}
    entry = {"input": {"type": "EMBEDDINGS"}, "strategy": strategy}
    sqlsel.validate({"n_samples": 1, "strategies": [entry]})


@pytest.mark.parametrize("surface", [in_sql, in_python, in_json])
def test_only_a_strategy_of_unit_vectors_has_a_hint_of_cosines(surface: Any) -> None:
    errors = (TypeError, sqlsel.ClauseError, sqlsel.ConfigError)
    with pytest.raises(errors, match=HINT):
        surface("long_unit")
    with pytest.raises(errors) as caught:
        surface("long")
    assert HINT not in str(caught.value)


@pytest.mark.parametrize("other", ["DIVERSITY(v)", "TYPICALITY(v)"])
def test_vectors_keep_their_lengths_beside_a_strategy_that_normalizes(other: str) -> None:
    lengths = np.array([3.0, 9.0, 1.0, 5.0], np.float32)
    vectors = np.eye(4, dtype=np.float32) * lengths[:, None]
    con = sqlsel.connect()
    listed = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), 4)
    con.register("pool", pa.table({"id": range(4), "v": listed}))
    text = f"SELECT id FROM pool USING STRATEGY {other}, LONG(v), key := id LIMIT 1"
    assert con.sql(text).fetchall() == [(1,)]
