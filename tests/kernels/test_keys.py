"""The order of sample ids, given in pieces and in any order of places."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sqlsel.columns.appended import Appended
from sqlsel.columns.id_column import Keys
from sqlsel.columns.memory import MemoryBudget
from sqlsel.errors import InvalidInput

KINDS = {
    "int8": np.arange(-60, 60),
    "int64": np.array([-(2**63), -1, 0, 1, 2**63 - 1, 7, 8]),
    "uint64": np.array([0, 2**63, 2**64 - 1, 5, 2**53, 2**53 + 1], np.uint64),
    "string": np.array(["", "a", "B", "é", "10", "9", "a\0", "\U0001f600"], object),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("arrangement", ["ascending", "descending", "shuffled"])
@pytest.mark.parametrize("pieces", [1, 3])
def test_the_rank_of_an_id_is_its_place_among_all(kind: str, arrangement: str, pieces: int) -> None:
    rng = np.random.default_rng(pieces)
    ids: list[Any] = sorted(KINDS[kind].tolist(), key=_by_bytes)
    truth = {one: rank for rank, one in enumerate(ids)}
    if arrangement == "shuffled":
        rng.shuffle(ids)
    elif arrangement == "descending":
        ids.reverse()
    found, order = _finished(kind, ids, pieces, rng)
    assert found.to_pylist() == ids
    assert order.tolist() == [truth[one] for one in ids]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pieces", [1, 3])
def test_an_id_that_comes_twice_is_refused_by_name(kind: str, pieces: int) -> None:
    rng = np.random.default_rng(pieces)
    ids = KINDS[kind].tolist()
    twice = ids[3]
    with pytest.raises(InvalidInput) as caught:
        _finished(kind, [*ids, twice], pieces, rng)
    assert f"id {twice!r} occurs more than once" in str(caught.value)


def _finished(kind: str, ids: list[Any], pieces: int, rng: np.random.Generator) -> Any:
    keys = Keys("id", MemoryBudget())
    parts = np.array_split(np.arange(len(ids)), pieces)
    for part in [parts[i] for i in rng.permutation(pieces)]:
        keys.put(part, pa.array([ids[i] for i in part], pa.type_for_alias(kind)))
    return keys.finish(len(ids))


def _by_bytes(one: Any) -> Any:
    return one.encode() if isinstance(one, str) else one


TYPES: dict[str, list[Any]] = {
    "int64": [3, -1, 2**62, 0],
    "uint8": [3, 1, 255, 0],
    "decimal128(38, 0)": [3, -1, 10**37, 0],
    "string": ["b", "", "ä" * 300, "a"],
    "binary": [b"b", b"", b"\xff" * 300, b"a"],
}


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_appended_comes_back(kind: str) -> None:
    array = pa.array(TYPES[kind] * 5, pa.decimal128(38) if "decimal" in kind else kind)
    kept = Appended(MemoryBudget())
    kept.put(np.arange(7, 12), array[2:7])
    kept.put(np.arange(0), array[:0])
    kept.put(np.arange(7), array[7:14])
    values, places = kept.finish()
    assert values.equals(array[2:14])
    assert places.tolist() == [*range(7, 12), *range(7)]
    values.validate(full=True)


def test_what_is_appended_does_not_keep_its_batch() -> None:
    batch = pa.array(np.arange(1 << 20))
    before = pa.total_allocated_bytes()
    kept = Appended(MemoryBudget())
    kept.put(np.arange(10), batch.take(pa.array(np.arange(1 << 20)))[:10])
    assert pa.total_allocated_bytes() - before < 1 << 20
    assert kept.finish()[0].to_pylist() == list(range(10))


def test_ids_count_in_the_memory_budget() -> None:
    keys = Keys("id", MemoryBudget(1 << 20))
    with pytest.raises(InvalidInput, match=r"^needs at least .* MiB for .* limit 1.0 MiB"):
        keys.put(np.arange(1 << 18), pa.array(np.arange(1 << 18)))
