"""What is said on stderr after a selection: how many, why not more, how far towards each goal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click


def print_outcome(facts: Any, hints: Sequence[str] = ()) -> None:
    """Print ``outcome_lines`` on stderr."""
    for line in outcome_lines(facts, hints):
        click.echo(line, err=True)


def outcome_lines(facts: Any, hints: Sequence[str] = ()) -> Iterator[str]:
    """The outcome of one selection (``Facts``) as lines: counts, notes, and a table with a row per objective."""
    of_asked = "" if facts.n_asked is None else f" of {facts.n_asked:,} asked"
    yield (
        f"{facts.n_selected:,} samples selected{of_asked}, "
        f"from {facts.n_candidates:,} candidates in {facts.seconds:.1f} s"
    )
    if facts.n_asked is not None and facts.n_selected < facts.n_asked:
        yield f"fewer than asked: {facts.why_fewer}"
    for reason, count in facts.skipped.items():
        yield f"not eligible: {count:,} ({reason})"
    for note in (*facts.notes, *hints):
        yield f"note: {note}"
    rows = [("strategy", "asked", "reached", "best possible", "why")]
    rows += [line.texts() for line in facts.fulfilment]
    if len(rows) > 1:
        widths = [max(len(row[i]) for row in rows) for i in range(5)]
        yield from (
            "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
            for row in rows
        )
