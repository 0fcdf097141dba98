"""The Python front end of configurations: ``run(config, data=…)``, ``validate`` and ``explain``."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlsel.config.documents import read_config, read_draft
from sqlsel.errors import CatalogError, InvalidInput
from sqlsel.feed.statements import others
from sqlsel.jobs.compiler import Compiled, Options, compile_config
from sqlsel.jobs.run_record import GENERATED, check_tag, store_run, tags_to_write

UNCHECKED = (
    "without data (data, db; on the command line --data, --db) it is not checked whether columns, "
    "tasks, classes, scores, keys, datasets and tags exist"
)

if TYPE_CHECKING:
    import duckdb

    from sqlsel.config import SelectionConfig
    from sqlsel.duckdb.result import Result


def run(  # noqa: PLR0913 - options
    config: Any,
    data: Any = None,
    *,
    db: str | None = None,
    options: Options | None = None,
    memory_limit: str | int | None = None,
    progress: Callable[[int, int], None] | None = None,
    tag: str | bool | None = None,
    append: bool = False,
    **keywords: Any,
) -> Result:
    """Run a selection configuration (a dict, JSON text or a file) on ``data``.

    Gives the picks as rows in pick order: all input columns, then ``rank``, ``gain`` and one column
    per strategy. ``data``: a file, a pattern of files, a folder of images with a ``.lightly``, a
    dataset or a table of the database ``db``, or anything that DuckDB can scan (an Arrow table, a
    Polars or pandas frame), a ``Dataset`` of Hugging Face or a table of ibis. ``tag``: keep the
    picks in the dataset under this name (True: a generated one); ``append`` lets a tag that exists
    grow. Further keywords are those of ``Options``: id, embedding, datasets, preselected, n_counts, on_invalid,
    seed, n, proportion, pool. Raises ConfigError with all problems of the configuration,
    CatalogError for what the data lacks, InvalidInput for what cannot be used.
    """
    parsed = read_draft(config, others())
    tag = (GENERATED if tag else None) if isinstance(tag, bool) else tag
    with closing(connect_for(db, write=_writes_tags(parsed, tag))) as con:
        compiled = compile_config(
            con,
            parsed,
            data,
            in_database=db is not None,
            options=_with_append(options or Options(**keywords), tag, append=append),
            check=partial(check_tag, tag=tag, append=append),
        )
        result = run_compiled(con, compiled, memory_limit=memory_limit, progress=progress)
        store_run(compiled, result.arrow, result.facts[-1], tag, append=append)
        return result


@dataclass(frozen=True)
class Checked:
    """A configuration without faults: how many strategies it has, and how many samples its data has.

    ``n_samples`` is None where there was no data. ``notes``: hints, and what could not be checked.
    """

    n_strategies: int
    n_samples: int | None
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        samples = "" if self.n_samples is None else f", {self.n_samples:,} samples"
        what = "strategy" if self.n_strategies == 1 else "strategies"
        return f"ok: {self.n_strategies} {what}{samples}"


def validate(
    config: Any,
    data: Any = None,
    *,
    db: str | None = None,
    options: Options | None = None,
    **keywords: Any,
) -> Checked:
    """Check a configuration, and with ``data`` or ``db`` whether the data has what it needs.

    Raises the error that ``run`` would raise, whose ``problems`` are all that is wrong, each with the
    path of its key. Rows are counted, and vectors are not read, but of a folder of pictures, which
    is imported first.
    """
    parsed = read_draft(config, others())
    if data is None and db is None:
        read_config(parsed)
        return Checked(len(parsed.strategies), None, (UNCHECKED, *parsed.remarks))
    with closing(connect_for(db)) as con:
        compiled = compile_config(
            con,
            parsed,
            data,
            in_database=db is not None,
            options=replace(options or Options(**keywords), checks=True),
            check=partial(check_tag, tag=None, append=False),
        )
        count = con.execute(f"SELECT count(*) FROM {compiled.pool.source.sql}").fetchall()[0][0]
        return Checked(len(parsed.strategies), count, compiled.hints)


def _writes_tags(parsed: SelectionConfig, tag: str | None) -> bool:
    """Whether the database must be open for writing: a tag is written, and the configuration has no fault."""
    return not parsed.problems and bool(tags_to_write(parsed, tag))


def _with_append(options: Options, tag: str | None, *, append: bool) -> Options:
    """The options with the samples of ``tag`` as selected already, where it grows (``append``)."""
    return replace(options, append_to=tag) if append and tag is not None else options


def explain(
    config: Any,
    data: Any = None,
    *,
    db: str | None = None,
    options: Options | None = None,
    **keywords: Any,
) -> str:
    """What a configuration or a statement would do, as text: its SQL, scan, counts and cost. Selects nothing.

    Raises what ``run`` would raise, and ClauseError for a statement that cannot be read.
    """
    from sqlsel.duckdb.explained import explain_statement

    with closing(connect_for(db)) as con:
        if is_statement(config):
            return explain_statement(con, str(config)).text()
        compiled = compile_config(
            con,
            read_draft(config, others()),
            data,
            in_database=db is not None,
            options=options or Options(**keywords),
        )
        return explain_statement(con, compiled.statement, compiled.hints).text()


def is_statement(config: Any) -> bool:
    """Whether this is SQL rather than a configuration or the name of a file."""
    return (
        isinstance(config, str)
        and "strategy" in config.lower()
        and not config.lstrip().startswith("{")
    )


def connect_for(db: str | None, *, write: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection to the file ``db`` (read-only unless ``write``; CatalogError if missing), or in memory (None)."""
    from sqlsel.catalog import connect

    if db is not None and not Path(db).exists():
        raise CatalogError(f"{db}: no such database")
    return connect(db, write=write)


def run_compiled(
    con: duckdb.DuckDBPyConnection,
    compiled: Compiled,
    *,
    memory_limit: str | int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Run the statement; gives the picks as ``run`` does. Raises InvalidInput for values that cannot be used."""
    from sqlsel.duckdb import sql

    try:
        result = sql(con, compiled.statement, memory_limit=memory_limit, progress=progress)
    except InvalidInput as error:  # what is key := in SQL is --id or id= here
        raise InvalidInput(re.sub(r"^key |(?<=\()key ", "id ", error.template)) from error
    return result.changed(_column_per_strategy)


def _column_per_strategy(table: Any) -> Any:
    """The table with the STRUCT ``selection_values`` as one column per strategy.

    A name that the table already has gets ``_value`` at its end.
    """
    place = table.column_names.index("selection_values")
    values = table.column(place).combine_chunks()
    table = table.remove_column(place)
    if not hasattr(values.type, "fields"):
        return table
    for field, column in zip(values.type, values.flatten(), strict=True):
        name = field.name if field.name not in table.column_names else f"{field.name}_value"
        table = table.append_column(name, column)
    return table
