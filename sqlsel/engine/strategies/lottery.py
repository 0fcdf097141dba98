"""RANDOM: a lottery number in [0, 1) that depends on the id of the sample and on the seed only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from hashlib import md5
from typing import Any, ClassVar

import numpy as np

from sqlsel.engine.kernels.exact import Vector
from sqlsel.engine.objective import Prepared, Sums
from sqlsel.engine.objective.option_checks import check_strength
from sqlsel.engine.objective.protocol import Mask
from sqlsel.engine.objective.strategy import Pool, Strategy, Takes


@dataclass(frozen=True, eq=False)
class Random(Strategy):
    """Prefer samples at random: U = Σ hash(seed, sample id), each in [0, 1).

    ``seed``: an integer (default: the seed of the selection). ``strength``: exponent of the objective.
    """

    kind: ClassVar[str] = "random"
    takes: ClassVar[Takes] = "nothing"
    in_json: ClassVar[bool] = False  # WEIGHTS on the input RANDOM

    _: KW_ONLY
    seed: int | None = None
    strength: float = 1.0

    def __post_init__(self) -> None:
        check_strength(self.strength)
        if self.seed is not None and (
            isinstance(self.seed, bool) or not isinstance(self.seed, int)
        ):
            raise TypeError(f"seed must be an integer, got {self.seed!r}")

    def prepare(self, values: Any, present: Mask, pool: Pool) -> Prepared:
        """The column of the ids' numbers in [0, 1), and the objective of their sum."""
        seed = pool.seed if self.seed is None else self.seed
        return Prepared(
            hashed(pool.ids(), seed), np.ones(len(present), np.bool_), Sums(self.strength)
        )


def hashed(ids: Iterable[Any], seed: int) -> Vector:
    """The upper 53 bits of md5's second half-word over 'seed:id', as a number in [0, 1); the same in SQL."""
    start = md5(f"{seed}:".encode(), usedforsecurity=False)

    def one(sample_id: Any) -> int:
        state = start.copy()
        state.update(str(sample_id).encode())
        return int.from_bytes(state.digest()[:8], "little") >> 11

    return np.fromiter((one(i) for i in ids), np.float64) / 2.0**53
