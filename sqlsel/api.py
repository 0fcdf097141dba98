"""The Python front end of configurations: ``run(config, data=…)`` and ``explain``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlsel.config import QuerySet, SelectionConfig, compile_statement, hints, loads
from sqlsel.errors import CatalogError, ConfigError

if TYPE_CHECKING:
    import duckdb

    from sqlsel.result import Result
    from sqlsel.scan.sources import Source


@dataclass(frozen=True)
class Options:
    """What a run may be told beside its configuration; None: not told."""

    id: str | None = None
    embedding: str | None = None
    datasets: Mapping[str, str] | None = None  # name → file
    preselected: str | None = None
    n_counts: str | None = None
    seed: int | None = None
    n: int | None = None
    proportion: float | None = None


@dataclass(frozen=True)
class Compiled:
    """A configuration as a statement over its data."""

    config: SelectionConfig
    statement: str
    source: Source
    key: str | None
    hints: tuple[str, ...]


def run(
    config: Any,
    data: Any,
    *,
    db: str | None = None,
    options: Options | None = None,
    memory_limit: str | int | None = None,
    progress: Callable[[int, int], None] | None = None,
    **told: Any,
) -> Result:
    """Run a selection configuration (a dict, JSON text or a file) on ``data``.

    Gives the picks as rows in pick order: all input columns, then ``rank``, ``gain`` and one column
    per strategy. ``data``: a file, a pattern of files, a table of the database ``db``, or anything
    that DuckDB can scan (an Arrow table, a Polars or pandas frame). Further keywords are those of
    ``Options``: id, embedding, datasets, preselected, n_counts, seed, n, proportion. Raises
    ConfigError with all problems of the configuration, CatalogError for what the data lacks,
    InvalidInput for what cannot be used.
    """
    with closing(connect_for(db)) as con:
        compiled = compile_config(con, config, data, db=db, options=options or Options(**told))
        return run_compiled(con, compiled, memory_limit=memory_limit, progress=progress)


def explain(
    config: Any,
    data: Any = None,
    *,
    db: str | None = None,
    options: Options | None = None,
    **told: Any,
) -> str:
    """What a configuration or a statement would do: its SQL, scan, counts and cost, as text."""
    from sqlsel.explain import explain_statement

    with closing(connect_for(db)) as con:
        if is_statement(config):
            return explain_statement(con, str(config)).text()
        compiled = compile_config(con, config, data, db=db, options=options or Options(**told))
        return explain_statement(con, compiled.statement, compiled.hints).text()


def is_statement(config: Any) -> bool:
    """Whether this is SQL rather than a configuration or the name of a file."""
    return (
        isinstance(config, str)
        and "strategy" in config.lower()
        and not config.lstrip().startswith("{")
    )


def connect_for(db: str | None) -> duckdb.DuckDBPyConnection:
    """A connection to the database file ``db`` (read-only), or to an empty one in memory."""
    import duckdb

    if db is not None and not Path(db).exists():
        raise CatalogError(f"{db}: no such database")
    try:
        con = duckdb.connect(db or ":memory:", read_only=db is not None)
    except duckdb.Error as error:
        raise CatalogError(f"{db}: {str(error).splitlines()[0]}") from None
    con.execute("SET enable_progress_bar = false")
    return con


def read_config(config: Any) -> SelectionConfig:
    """A configuration from a dict, an object, JSON text or a file."""
    if isinstance(config, SelectionConfig):
        return config
    if isinstance(config, str) and config.lstrip().startswith("{"):
        return SelectionConfig.from_dict(loads(config, "configuration"))
    if isinstance(config, (str, Path)):
        path = Path(config)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise CatalogError(f"{path}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise ConfigError(f"{path}: is not UTF-8 text") from None
        try:
            return SelectionConfig.from_dict(loads(text, path.name))
        except ConfigError as error:
            raise ConfigError(*(_with_file(path.name, p) for p in error.problems)) from None
    return SelectionConfig.from_dict(config)


def _with_file(name: str, problem: str) -> str:
    return problem if problem.startswith(f"{name}:") else f"{name}: {problem}"


def compile_config(
    con: duckdb.DuckDBPyConnection, config: Any, data: Any, *, db: str | None, options: Options
) -> Compiled:
    """The configuration as a ``SELECT … USING STRATEGY`` statement over ``data``."""
    from sqlsel.scan.sources import open_source

    parsed = _with_budget(read_config(config), options)
    if not isinstance(data, (str, Path)):
        con.register("data", data)
        source = open_source(con, "data", in_database=True)
    else:
        source = open_source(con, str(data), in_database=db is not None)
    key = source.id_column(options.id)
    sets = {
        name: QuerySet(found.sql, found.columns)
        for name, file in (options.datasets or {}).items()
        for found in [open_source(con, file)]
    }
    statement = compile_statement(
        parsed,
        source=source.sql,
        columns=source.columns,
        key=key,
        embedding=options.embedding,
        query_sets=sets,
        seed=options.seed,
        preselected=options.preselected,
        n_counts=options.n_counts,
    )
    return Compiled(parsed, statement, source, key, hints(parsed))


def _with_budget(config: SelectionConfig, options: Options) -> SelectionConfig:
    """The configuration with the budget that the caller gave instead."""
    from dataclasses import replace

    if options.n is not None and options.proportion is not None:
        raise ConfigError("give exactly one of n and proportion, not both")
    if options.n is not None:
        return replace(config, n_samples=options.n, proportion_samples=None)
    if options.proportion is not None:
        return replace(config, n_samples=None, proportion_samples=options.proportion)
    return config


def run_compiled(
    con: duckdb.DuckDBPyConnection,
    compiled: Compiled,
    *,
    memory_limit: str | int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """The rows of a compiled configuration, each strategy's values as a column of its own."""
    from sqlsel.duckdb import sql
    from sqlsel.result import Result

    found = sql(con, compiled.statement, memory_limit=memory_limit, progress=progress)
    return Result(_flat(found.arrow()), found.facts, compiled.statement)


def _flat(table: Any) -> Any:
    """The struct of values as one column per strategy."""
    place = table.column_names.index("selection_values")
    values = table.column(place).combine_chunks()
    table = table.remove_column(place)
    if not hasattr(values.type, "fields"):
        return table
    for field, column in zip(values.type, values.flatten(), strict=True):
        name = field.name if field.name not in table.column_names else f"{field.name}_value"
        table = table.append_column(name, column)
    return table


def as_json(value: Any) -> str:
    """A value as the JSON that messages and files use."""
    return json.dumps(value, ensure_ascii=False, default=str)
