"""A configuration as the ``SELECT … USING STRATEGY`` statement that runs it, made to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlsel import quoting
from sqlsel.config.columns import Column, Columns, ColumnType
from sqlsel.config.items import item
from sqlsel.config.model import SelectionConfig
from sqlsel.config.resolve import Data, QuerySet, claimed
from sqlsel.errors import CatalogError, ConfigError, unknown

RESULTS = {
    "rank": "selection_rank()",
    "gain": "selection_gain()",
    "selection_values": "selection_values()",
}


def compile_statement(  # noqa: PLR0913 - each is one thing that the caller knows of the data
    config: SelectionConfig,
    *,
    source: str,
    columns: Mapping[str, ColumnType],
    key: str | None,
    embedding: str | None = None,
    query_sets: Mapping[str, QuerySet] | None = None,
    classes: Mapping[str, Sequence[str]] | None = None,
    seed: int | None = None,
    preselected: str | None = None,
    n_counts: str | None = None,
) -> str:
    """The statement that selects from ``source``, the SQL of a relation with these ``columns``.

    ``key`` and ``preselected`` are names of columns, ``embedding`` may be a dotted path too.
    ``classes`` names the positions of a task's class vector. What the data lacks is a
    CatalogError, what it has of another kind a ConfigError.
    """
    for name in (key, preselected):
        if name is not None and name not in columns:
            raise CatalogError(unknown("column", name, columns))
    data = Data(columns, key, embedding, query_sets or {}, classes or {})
    claims = claimed(config)
    items = [
        item(entry, f"strategies[{i}]", data, claims) for i, entry in enumerate(config.strategies)
    ]
    if options := _options(columns, key=key, seed=seed, preselected=preselected, n_counts=n_counts):
        items.append(options)
    lines = [
        _select(columns),
        f"FROM {source}",
        "USING STRATEGY " + ",\n               ".join(items),
        f"LIMIT {_limit(config)}",
    ]
    return "\n".join(lines)


def _select(columns: Columns) -> str:
    """All columns and the results; a column named like a result (of an earlier run) gives way."""
    hidden = [quoting.identifier(name) for name in columns if name.casefold() in RESULTS]
    star = f"* EXCLUDE ({', '.join(hidden)})" if hidden else "*"
    return f"SELECT {star}, " + ", ".join(f"{call} AS {name}" for name, call in RESULTS.items())


def _options(
    columns: Columns,
    *,
    key: str | None,
    seed: int | None,
    preselected: str | None,
    n_counts: str | None,
) -> str:
    options = []
    if key is not None:
        options.append(f"key := {quoting.identifier(key)}")
    if preselected is not None:
        kind = columns[preselected]
        if kind.id != "boolean":
            described = Column("", preselected, kind).kind
            raise CatalogError(
                f"column {preselected!r} is {described}; preselected must be a boolean column"
            )
        options.append(f"preselected := {quoting.identifier(preselected)}")
    if seed is not None:
        options.append(f"seed := {quoting.literal(seed)}")
    if n_counts is not None:
        if n_counts not in ("new", "total"):
            raise ConfigError(f"n_counts must be 'new' or 'total', got {n_counts!r}")
        options.append(f"n_counts := {quoting.literal(n_counts)}")
    return ", ".join(options)


def _limit(config: SelectionConfig) -> str:
    if config.proportion_samples is None:
        return str(config.n_samples)
    return quoting.percentage(config.proportion_samples)
