"""The sidecar of a stored graph: its facts as JSON, signed (HMAC) with this user's key."""

from __future__ import annotations

import hmac
import json
import platform
import sys
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import numpy as np

from sqlsel.engine.kernels.exact import Matrix, is_unit, squared_norms
from sqlsel.engine.neighbours.copies import Poll
from sqlsel.engine.neighbours.graph import BUILD_WIDTH, LINKS, SEED

FORMAT = 1
LONGEST = 4096  # bytes of a sidecar

METRICS = ("unit", "raw")

_PURPOSE = b"sqlsel graph of neighbours\0"
_ROWS = 1 << 14


def described(rows: Matrix, poll: Poll) -> dict[str, Any]:
    """All that determines the graph of these rows; a stored graph with equal facts can replace it."""
    return {
        "format": FORMAT,
        "library": f"hnswlib {version('hnswlib')}",
        "machine": f"{platform.machine()} {sys.byteorder}",
        "metric": metric_of(rows),
        "dimension": rows.shape[1],
        "count": len(rows),
        "M": LINKS,
        "ef_construction": BUILD_WIDTH,
        "seed": SEED,
        "vectors_sha256": _digest(rows, poll),
    }


def metric_of(rows: Matrix) -> str:
    """``unit`` where all rows are unit vectors, else ``raw``: the metric is l2 for both."""
    return "unit" if is_unit(squared_norms(rows)).all() else "raw"


def _digest(rows: Matrix, poll: Poll) -> str:
    digest = sha256()
    for at in range(0, len(rows), _ROWS):
        poll()
        digest.update(np.ascontiguousarray(rows[at : at + _ROWS], "<f4").data)
    return digest.hexdigest()


def signed(facts: Mapping[str, Any], key: bytes) -> bytes:
    """The bytes of a sidecar: the facts and their HMAC."""
    return _text({**facts, "hmac_sha256": _hmac(facts, key)})


def verified(text: bytes, key: bytes) -> dict[str, Any] | None:
    """The facts of a sidecar; None unless it is, byte for byte, what ``signed`` makes of them with this key."""
    if len(text) > LONGEST:
        return None
    try:
        facts = json.loads(text)
        mark = facts.pop("hmac_sha256")
        whole = signed(facts, key)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return facts if isinstance(mark, str) and hmac.compare_digest(whole, text) else None


def _hmac(facts: Mapping[str, Any], key: bytes) -> str:
    return hmac.new(key, _PURPOSE + _text(facts), sha256).hexdigest()


def _text(facts: Mapping[str, Any]) -> bytes:
    return f"{json.dumps(facts, indent=1, sort_keys=True)}\n".encode()
