"""Checks of the probabilities from which scores are computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlsel.config import Faults, SelectionConfig
from sqlsel.config.entry_inputs import Scores
from sqlsel.config.task_columns import computed_from
from sqlsel.errors import InvalidInput
from sqlsel.jobs.pools import Pool
from sqlsel.sqltext.sql_files import query

if TYPE_CHECKING:
    import duckdb


def check_probabilities(
    con: duckdb.DuckDBPyConnection, config: SelectionConfig, pool: Pool, faults: Faults
) -> None:
    """Note a fault for each score that would be computed from numbers outside [0, 1], such as logits.

    Predictions of a dataset were checked when they were imported.
    """
    if pool.dataset is not None:
        return
    for i, entry in enumerate(config.strategies):
        if not isinstance(entry.input, Scores):
            continue
        task, score = entry.input.task, entry.input.score
        column = computed_from(task, score, pool.source.columns)
        if column is None:
            continue
        with faults.at(f"strategies[{i}]"):
            text = query("lightly/impossible_probabilities").format(
                relation=pool.source.sql, probabilities=column.sql
            )
            count, number = con.execute(text).fetchall()[0]
            if count:
                samples = "sample has" if count == 1 else "samples have"
                raise InvalidInput(
                    f"{count:,} {samples} a probability of task {task!r} outside [0, 1], such as {number:g}; "
                    f"{score} needs probabilities, not logits"
                )
