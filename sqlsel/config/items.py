"""Compiles an entry of a configuration to one item of ``USING STRATEGY``."""

from __future__ import annotations

from collections.abc import Sequence

from sqlsel.config import object_columns, query_sets, resolve
from sqlsel.config.balance_items import balance_item, class_column
from sqlsel.config.calls import Options, call, exponent
from sqlsel.config.column_lookup import Column
from sqlsel.config.entries import Entry
from sqlsel.config.entry_inputs import Embeddings, Metadata, Predictions, Random
from sqlsel.config.others import Other
from sqlsel.config.resolve import Data
from sqlsel.config.strategies import (
    Balance,
    Diversity,
    Similarity,
    Threshold,
    Typicality,
    Weights,
)
from sqlsel.config.vocabulary import OPERATIONS
from sqlsel.errors import ConfigError
from sqlsel.sqltext import quoting

UNLIMITED = 1e300  # no sum is that large


def item(entry: Entry, place: str, data: Data, claims: Sequence[str]) -> str:
    """The text of the item; ``place``: the entry's path, ``claims``: columns of tasks, no embeddings.

    An error about the data is raised; where an entry has several, the others are noted in ``data.faults``.
    """
    match entry.strategy:
        case Threshold() as strategy:
            return f"THRESHOLD({_condition(entry, strategy, place, data)})"
        case Balance() as strategy:
            return balance_item(entry, strategy, place, data)
        case Weights() as strategy:
            return _weights(entry, strategy, place, data)
        case Other() as strategy if strategy.takes != "vectors":
            return _other(entry, strategy, place, data)
    source = entry.input if isinstance(entry.input, Embeddings) else Embeddings()
    vectors = None
    with data.faults.at(entry.at(place, resolve.key_of(entry, data))):
        vectors = resolve.vectors(source, data, claims)
    options = _vector_options(entry, place, source, data, vectors)
    if not data.normalize:
        options["normalize"] = False
    return call(entry.strategy.type, [vectors.sql if vectors else ""], options)


def labelled_condition(entry: Entry, data: Data) -> str | None:
    """The condition by which BALANCE excludes samples whose labels are missing; None for other strategies.

    BALANCE counts a sample without classes as "other", which is not known of one without labels.
    """
    if isinstance(entry.strategy, Balance) and isinstance(entry.input, Predictions):
        return object_columns.known_condition(entry.input.task, data.tasks, data.columns)
    return None


def _vector_options(
    entry: Entry, place: str, source: Embeddings, data: Data, vectors: Column | None
) -> Options:
    strategy = entry.strategy
    if isinstance(strategy, Other):
        return _constants(strategy)
    strength = exponent(getattr(strategy, "strength", 1.0))
    if isinstance(strategy, Diversity):
        return {"min_distance": strategy.stopping_condition_minimum_distance, "strength": strength}
    if isinstance(strategy, Typicality):
        return {
            "neighbors": strategy.num_nearest_neighbors,
            "min_typicality": strategy.stopping_condition_minimum_typicality,
            "strength": strength,
        }
    if isinstance(strategy, Similarity) and strategy.queries:
        return {"query": query_sets.literal_vectors(strategy.queries), "strength": strength}
    return {"query": _query(entry, place, source, data, vectors), "strength": strength}


def _query(entry: Entry, place: str, source: Embeddings, data: Data, vectors: Column | None) -> str:
    """The subquery of the query vectors; a missing dataset, tag and column are each noted in ``data.faults``."""
    text = condition = ""
    with data.faults.at(entry.at(place, "input.dataset_id")):
        queries, where = query_sets.rows_of_dataset(source, data.own, data.query_sets)
        with data.faults.at(entry.at(place, "input.tag_name")):
            condition = query_sets.tag_condition(source.tag_name or "", queries, where)
        with data.faults.at(entry.at(place, "input")):
            if vectors:
                text = query_sets.subquery(source, queries, condition, vectors, where)
    return text


def _weights(entry: Entry, strategy: Weights, place: str, data: Data) -> str:
    options: Options = {
        "max_sum": strategy.stopping_condition_max_sum,
        "target_range": _range(strategy.target_range),
        "strength": exponent(strategy.strength),
    }
    if not isinstance(entry.input, Random):
        return call("WEIGHTS", [resolve.number(entry, place, data).sql], options)
    if strategy.stopping_condition_max_sum is None and strategy.target_range is None:
        return call("RANDOM", [], {"seed": entry.input.random_seed, **options})
    return call("WEIGHTS", [_random(entry, entry.input, place, data)], options)


def _constants(strategy: Other) -> Options:
    return {name: quoting.constant(value) for name, value in strategy.options.items()}


def _other(entry: Entry, strategy: Other, place: str, data: Data) -> str:
    """A strategy beyond Lightly's over numbers, classes or nothing."""
    options = _constants(strategy)
    if strategy.takes == "nothing":
        return call(strategy.type, [], options)
    if strategy.takes == "numbers":
        source = entry.input
        number = (
            _random(entry, source, place, data)
            if isinstance(source, Random)
            else resolve.number(entry, place, data).sql
        )
        return call(strategy.type, [number], options)
    if isinstance(entry.input, Predictions):
        column, _, _ = class_column(entry, entry.input, Balance(distribution="INPUT"), place, data)
    else:
        key = entry.input.key if isinstance(entry.input, Metadata) else ""
        column = resolve.category(key, entry.at(place, "input.key"), data)
    return call(strategy.type, [column.sql], options)


def _range(limits: tuple[float | None, float | None] | None) -> str | None:
    """``[least, largest]`` as SQL: the clause needs two numbers, so 0 and 1e300 stand for no limit."""
    if limits is None:
        return None
    least, largest = limits
    ends = (0 if least is None else least, UNLIMITED if largest is None else largest)
    return f"[{', '.join(map(quoting.literal, ends))}]"


def _condition(entry: Entry, strategy: Threshold, place: str, data: Data) -> str:
    compared = f"{OPERATIONS[strategy.operation]} {quoting.literal(strategy.threshold)}"
    if isinstance(entry.input, Random):
        return f"{_random(entry, entry.input, place, data)} {compared}"
    value = resolve.number(entry, place, data)
    return f"{value.sql} {compared}" + (f" AND NOT isnan({value.sql})" if value.may_be_nan else "")


def _random(entry: Entry, source: Random, place: str, data: Data) -> str:
    """SQL for the number in [0, 1) of sample id and seed: 53 bits of an MD5, the same on every surface."""
    if data.key is None:
        raise ConfigError(
            f"{place}: {entry.strategy.type} on RANDOM needs a column of sample ids (key)"
        )
    text = f"concat({source.random_seed or 0}, ':', {quoting.identifier(data.key)})"
    return f"(md5_number_upper({text}) >> 11) / pow(2, 53)"
