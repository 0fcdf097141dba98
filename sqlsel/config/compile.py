"""Compiles a configuration to the ``SELECT … USING STRATEGY`` statement that runs it, laid out for people."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlsel.config.column_lookup import Column, Columns, ColumnType
from sqlsel.config.faults import Faults
from sqlsel.config.items import item, labelled_condition
from sqlsel.config.query_sets import QuerySet, tag_condition
from sqlsel.config.resolve import Data, claimed_tasks, key_of
from sqlsel.config.selection_config import SelectionConfig
from sqlsel.config.task_columns import PRETAGGING, Task, check_task, part
from sqlsel.errors import CatalogError, ConfigError, unknown
from sqlsel.sqltext import quoting

RESULTS = {
    "rank": "selection_rank()",
    "gain": "selection_gain()",
    "selection_values": "selection_values()",
}

_WORDS = {"n_counts": ("new", "total"), "on_invalid": ("error", "skip")}


def compile_statement(  # noqa: PLR0913 - each is one thing that the caller knows of the data
    config: SelectionConfig,
    *,
    source: str,
    columns: Mapping[str, ColumnType],
    key: str | None,
    embedding: str | None = None,
    query_sets: Mapping[str, QuerySet] | None = None,
    tasks: Mapping[str, Task] | None = None,
    tags: Mapping[str, str] | None = None,
    seed: int | None = None,
    preselected: str | None = None,
    n_counts: str | None = None,
    on_invalid: str | None = None,
    hidden: Collection[str] = (),
    faults: Faults | None = None,
) -> str:
    """The statement that selects from ``source``, the SQL of a relation with these ``columns``.

    ``key`` and ``preselected`` are names of columns, ``embedding`` may be a dotted path too.
    ``query_sets`` are found by name or id. ``tasks``: the schemas of the tasks, which name the
    classes. ``tags``: the SQL condition of each tag of the data; boolean columns are tags too.
    ``hidden``: columns that the rows do not show. What the data lacks is a CatalogError, what it
    has of another kind a ConfigError; either lists all that is wrong, that of ``faults`` too.
    """
    faults = Faults() if faults is None else faults
    for name in (key, preselected):
        if name is not None and name not in columns:
            with faults.at():
                raise CatalogError(unknown("column", name, columns))
    own_rows, known_tasks = QuerySet(source, columns, tags or {}), tasks or {}
    normalize, pattern = config.worker.normalize_embeddings, config.lightly_path_regex
    data = Data(own_rows, key, embedding, query_sets or {}, known_tasks, pattern, normalize, faults)
    _check_tasks(config, columns, faults)
    claims = claimed_tasks(config, known_tasks)
    items = []
    for i, entry in enumerate(config.strategies):
        place = entry.place or f"strategies[{i}]"
        with faults.at(entry.at(place, key_of(entry, data))):
            items.append(item(entry, place, data, claims))
    options = {
        "key": None if key is None else quoting.identifier(key),
        "preselected": None,
        "seed": _seed(config, seed),
    }
    if preselected is None or preselected in columns:
        with faults.at("" if config.preselected_tag is None else "preselected_tag_name"):
            options["preselected"] = _preselected(config, own_rows, preselected)
    options |= _two_word_options(faults, n_counts=n_counts, on_invalid=on_invalid)
    faults.check()
    items += _thresholds(config, data)
    if clause_options := [f"{name} := {sql}" for name, sql in options.items() if sql is not None]:
        items.append(", ".join(clause_options))
    lines = [
        _select(columns, hidden),
        f"FROM {source}",
        "USING STRATEGY " + ",\n               ".join(items),
        f"LIMIT {_limit(config)}",
    ]
    return "\n".join(lines)


def _thresholds(config: SelectionConfig, data: Data) -> list[str]:
    """A THRESHOLD per task that excludes samples of which it is not known which objects they show."""
    conditions = dict.fromkeys(labelled_condition(entry, data) for entry in config.strategies)
    return [f"THRESHOLD({condition})" for condition in conditions if condition]


def _select(columns: Columns, hidden: Collection[str]) -> str:
    """SELECT *, rank, gain, values; a column of the data with such a name (of an earlier run) is left out."""
    left_out = [
        quoting.identifier(name) for name in columns if name in hidden or name.casefold() in RESULTS
    ]
    results = [f"{call} AS {name}" for name, call in RESULTS.items()]
    if len(left_out) == len(columns):
        return f"SELECT {', '.join(results)}"
    star = f"* EXCLUDE ({', '.join(left_out)})" if left_out else "*"
    return f"SELECT {', '.join([star, *results])}"


def _check_tasks(config: SelectionConfig, columns: Columns, faults: Faults) -> None:
    """CatalogErrors for tasks that Lightly would have made, and the data does not have."""
    if config.worker.pretagging:
        with faults.at("worker_config.pretagging"):
            check_task(PRETAGGING, columns)
    for task in config.auto_tasks:
        if part(task.name, "embeddings", columns) is not None:
            continue
        with faults.at("auto_tasks"):
            raise CatalogError(
                f"auto task {task.name!r} ({task.type}) has no embeddings in the data: sqlsel makes "
                f"no tiles itself. They get in as a struct column named {task.name} with a field "
                "embeddings (FLOAT[][]), the vectors of the parts of each image"
            )


def _preselected(config: SelectionConfig, own: QuerySet, name: str | None) -> str | None:
    """The SQL condition of preselected rows: the caller's column, else the configuration's tag; None without."""
    if name is not None:
        kind = own.columns[name]
        if kind.id != "boolean":
            described = Column("", name, kind).kind
            raise CatalogError(
                f"column {name!r} is {described}; preselected must be a boolean column"
            )
        return quoting.identifier(name)
    if config.preselected_tag is None:
        return None
    return tag_condition(config.preselected_tag, own, "the data") or "true"


def _seed(config: SelectionConfig, seed: int | None) -> str | None:
    seed = config.worker.seed if seed is None else seed
    return None if seed is None else quoting.literal(seed)


def _two_word_options(faults: Faults, **choices: str | None) -> dict[str, str | None]:
    """Each option as a SQL literal; None where it is the default, the first of its two words."""
    literals: dict[str, str | None] = {}
    for name, value in choices.items():
        usual, other = _WORDS[name]
        literals[name] = quoting.literal(other) if value == other else None
        with faults.at():
            if value not in (None, usual, other):
                raise ConfigError(f"{name} must be {usual!r} or {other!r}, got {value!r}")
    return literals


def _limit(config: SelectionConfig) -> str:
    if config.proportion_samples is None:
        return str(config.n_samples)
    return quoting.percentage(config.proportion_samples)
