"""Converts Python values of many samples to typed Arrow arrays: objects become structs, lists lists."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from sqlsel.errors import InvalidInput
from sqlsel.readers.import_report import Report

MIXED = "values of several types under one key are kept as text"
CASE = "keys that differ by upper and lower case only"
_MOST_KEYS = 1_000
_LARGEST = 2**63

Types = Mapping[str, pa.DataType]


def keys_of(values: Sequence[Any], path: str, report: Report) -> list[str]:
    """The keys of all objects among ``values``, in order of first appearance; InvalidInput for more than 1,000."""
    keys = list(dict.fromkeys(chain.from_iterable(v for v in values if v is not None)))
    if len(keys) > _MOST_KEYS:
        raise InvalidInput(
            f"{path or 'metadata'}: has {len(keys):,} different keys; at most {_MOST_KEYS:,} can be "
            "columns. Use a list of values where the keys are values"
        )
    folded: dict[str, str] = {}
    for key in keys:
        if folded.setdefault(key.casefold(), key) != key:
            report.warn(CASE, f"{path}{folded[key.casefold()]!r} and {path}{key!r}")
    return keys


def array(values: Sequence[Any], path: str, empty: Types, report: Report) -> pa.Array:
    """``values`` as one array; ``empty``: path → type for a column without any value.

    Integers and floats together are float64; other mixtures become text, with a warning.
    """
    kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return pa.nulls(len(values), empty.get(path, pa.string()))
    if kinds in ({dict}, {list}):
        nested = _structs if kinds == {dict} else _lists
        return nested(values, path, empty, report)
    if kinds == {int} and all(v is None or -_LARGEST <= v < _LARGEST for v in values):
        return pa.array(values, pa.int64())
    if kinds <= {int, float}:
        return pa.array([None if v is None else float(v) for v in values], pa.float64())
    if len(kinds) == 1:
        return pa.array(values)  # texts or booleans
    report.warn(MIXED, path)
    return pa.array([v if v is None or isinstance(v, str) else _json(v) for v in values])


def _structs(values: Sequence[Any], path: str, empty: Types, report: Report) -> pa.Array:
    """Objects as a struct with all their keys; without any key as NULLs."""
    keys = keys_of(values, f"{path}.", report)
    if not keys:
        return pa.nulls(len(values), pa.string())
    members = [
        array([v.get(key) if v else None for v in values], f"{path}.{key}", empty, report)
        for key in keys
    ]
    missing = pa.array([v is None for v in values])
    return pa.StructArray.from_arrays(members, names=keys, mask=missing)


def _lists(values: Sequence[Any], path: str, empty: Types, report: Report) -> pa.Array:
    """Lists as a list array, their members as one flat array."""
    lengths = np.fromiter((len(v) if v else 0 for v in values), np.int64, len(values))
    ends = np.concatenate(([0], np.cumsum(lengths)))
    flat = array(list(chain.from_iterable(v for v in values if v)), f"{path}[]", empty, report)
    offsets = pa.array(ends.astype(np.int32))
    return pa.ListArray.from_arrays(offsets, flat, mask=pa.array([v is None for v in values]))


def _json(value: object) -> str:
    """The value as JSON text."""
    return json.dumps(value, ensure_ascii=False)
