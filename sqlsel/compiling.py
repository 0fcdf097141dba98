"""A configuration and its data as a statement: what every front end runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlsel.config import QuerySet, SelectionConfig, compile_statement, hints, loads
from sqlsel.errors import CatalogError, ConfigError
from sqlsel.scan.sources import Source, open_source

if TYPE_CHECKING:
    import duckdb


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
    con: duckdb.DuckDBPyConnection, config: Any, data: Any, *, in_database: bool, options: Options
) -> Compiled:
    """The configuration as a ``SELECT … USING STRATEGY`` statement over ``data``.

    ``data``: a relation, an object that DuckDB can scan, or the name of a table (where
    ``in_database``) or of a file.
    """
    parsed = _with_budget(read_config(config), options)
    if isinstance(data, Source):
        source = data
    elif not isinstance(data, (str, Path)):
        con.register("data", data)
        source = open_source(con, "data", in_database=True)
    else:
        source = open_source(con, str(data), in_database=in_database)
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
    if options.n is not None and options.proportion is not None:
        raise ConfigError("give exactly one of n and proportion, not both")
    if options.n is not None:
        return replace(config, n_samples=options.n, proportion_samples=None)
    if options.proportion is not None:
        return replace(config, n_samples=None, proportion_samples=options.proportion)
    return config
