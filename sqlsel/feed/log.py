"""One row of the log of runs, which ``FROM sqlsel_runs()`` reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlsel.feed.watch import Facts

LOG_TYPE = (
    "STRUCT(finished TIMESTAMP, statement VARCHAR, n_input BIGINT, n_candidates BIGINT, "
    "n_asked BIGINT, n_selected BIGINT, stopped_by VARCHAR, n_skipped BIGINT, groups BIGINT, "
    "exact BOOLEAN, refreshes BIGINT, seconds DOUBLE, notes VARCHAR[])[]"
)


def log_row(statement: str, facts: Facts) -> dict[str, Any]:
    """One selection as a dict with the fields of LOG_TYPE; nothing is stored.

    ``finished`` is the time of this call in UTC, without a zone; ``seconds`` are those that the selection took,
    ``n_skipped`` the sum over all reasons. ``n_asked`` is None where all were asked for, and ``groups`` without ``by``.
    ``statement``: its text, as it shall appear.
    """
    return {
        "finished": datetime.now(UTC).replace(tzinfo=None),  # DuckDB gives a zone with pytz only
        "statement": statement,
        "n_input": facts.n_input,
        "n_candidates": facts.n_candidates,
        "n_asked": facts.n_asked,
        "n_selected": facts.n_selected,
        "stopped_by": facts.stopped_by,
        "n_skipped": sum(facts.skipped.values()),
        "groups": facts.groups,
        "exact": facts.exact,
        "refreshes": facts.refreshes,
        "seconds": facts.seconds,
        "notes": list(facts.notes),
    }
