"""Each entry of a configuration as one item of ``USING STRATEGY``."""

from __future__ import annotations

from collections.abc import Sequence

from sqlsel.config import object_columns, query_sets, resolve
from sqlsel.config.balance_items import balance, classes
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

BEYOND = 1e300  # no sum is that large


def item(entry: Entry, place: str, data: Data, claims: Sequence[str]) -> str:
    """The item that means what ``entry`` at ``place`` does; ``claims`` are no embeddings.

    Raises what the data lacks; where that is not all of it, the rest is in ``data.faults``.
    """
    match entry.strategy:
        case Threshold() as wanted:
            return f"THRESHOLD({_condition(entry, wanted, place, data)})"
        case Balance() as wanted:
            return balance(entry, wanted, place, data)
        case Weights() as wanted:
            return _weights(entry, wanted, place, data)
        case Other() as wanted if wanted.takes != "vectors":
            return _other(entry, wanted, place, data)
    source = entry.input if isinstance(entry.input, Embeddings) else Embeddings()
    found = None
    with data.faults.at(entry.at(place, resolve.key_of(entry, data))):
        found = resolve.vectors(source, data, claims)
    options = _of_vectors(entry, place, source, data, found)
    if not data.normalize:
        options["normalize"] = False
    return call(entry.strategy.type, [found.sql if found else ""], options)


def known_objects(entry: Entry, data: Data) -> str | None:
    """The condition that BALANCE needs: to it a sample without classes is one of "other".

    What is on a sample whose labels were left out is not known, so it is not eligible.
    """
    if isinstance(entry.strategy, Balance) and isinstance(entry.input, Predictions):
        return object_columns.known(entry.input.task, data.tasks, data.columns)
    return None


def _of_vectors(
    entry: Entry, place: str, source: Embeddings, data: Data, found: Column | None
) -> Options:
    wanted = entry.strategy
    if isinstance(wanted, Other):
        return _as_written(wanted)
    strength = exponent(getattr(wanted, "strength", 1.0))
    if isinstance(wanted, Diversity):
        return {"min_distance": wanted.stopping_condition_minimum_distance, "strength": strength}
    if isinstance(wanted, Typicality):
        return {
            "neighbors": wanted.num_nearest_neighbors,
            "min_typicality": wanted.stopping_condition_minimum_typicality,
            "strength": strength,
        }
    if isinstance(wanted, Similarity) and wanted.queries:
        return {"query": query_sets.literal_vectors(wanted.queries), "strength": strength}
    return {"query": _query(entry, place, source, data, found), "strength": strength}


def _query(entry: Entry, place: str, source: Embeddings, data: Data, vectors: Column | None) -> str:
    """The vectors of a tag of another dataset, or of the data; all that is missing is noted."""
    text = condition = ""
    with data.faults.at(entry.at(place, "input.dataset_id")):
        queries, where = query_sets.named(source, data.own, data.query_sets)
        with data.faults.at(entry.at(place, "input.tag_name")):
            condition = query_sets.tag_condition(source.tag_name or "", queries, where)
        with data.faults.at(entry.at(place, "input")):
            if vectors:
                text = query_sets.query(source, queries, condition, vectors, where)
    return text


def _weights(entry: Entry, wanted: Weights, place: str, data: Data) -> str:
    options: Options = {
        "max_sum": wanted.stopping_condition_max_sum,
        "target_range": _range(wanted.target_range),
        "strength": exponent(wanted.strength),
    }
    if not isinstance(entry.input, Random):
        return call("WEIGHTS", [resolve.number(entry, place, data).sql], options)
    if wanted.stopping_condition_max_sum is None and wanted.target_range is None:
        return call("RANDOM", [], {"seed": entry.input.random_seed, **options})
    return call("WEIGHTS", [_random(entry, entry.input, place, data)], options)


def _as_written(wanted: Other) -> Options:
    return {name: quoting.constant(value) for name, value in wanted.options.items()}


def _other(entry: Entry, wanted: Other, place: str, data: Data) -> str:
    """A strategy beyond Lightly's over numbers, classes or nothing."""
    options = _as_written(wanted)
    if wanted.takes == "nothing":
        return call(wanted.type, [], options)
    if wanted.takes == "numbers":
        source = entry.input
        number = (
            _random(entry, source, place, data)
            if isinstance(source, Random)
            else resolve.number(entry, place, data).sql
        )
        return call(wanted.type, [number], options)
    if isinstance(entry.input, Predictions):
        found, _, _ = classes(entry, entry.input, Balance(distribution="INPUT"), place, data)
    else:
        key = entry.input.key if isinstance(entry.input, Metadata) else ""
        found = resolve.category(key, entry.at(place, "input.key"), data)
    return call(wanted.type, [found.sql], options)


def _range(wanted: tuple[float | None, float | None] | None) -> str | None:
    """Both ends, since the clause wants two numbers: 0 and 1e300 for an end that is not limited."""
    if wanted is None:
        return None
    least, largest = wanted
    ends = (0 if least is None else least, BEYOND if largest is None else largest)
    return f"[{', '.join(map(quoting.literal, ends))}]"


def _condition(entry: Entry, wanted: Threshold, place: str, data: Data) -> str:
    compared = f"{OPERATIONS[wanted.operation]} {quoting.literal(wanted.threshold)}"
    if isinstance(entry.input, Random):
        return f"{_random(entry, entry.input, place, data)} {compared}"
    value = resolve.number(entry, place, data)
    return f"{value.sql} {compared}" + (f" AND NOT isnan({value.sql})" if value.may_be_nan else "")


def _random(entry: Entry, source: Random, place: str, data: Data) -> str:
    """The number that RANDOM gives on every surface: threshold and weight of one seed agree."""
    if data.key is None:
        raise ConfigError(
            f"{place}: {entry.strategy.type} on RANDOM needs a column of sample ids (key)"
        )
    text = f"concat({source.random_seed or 0}, ':', {quoting.identifier(data.key)})"
    return f"(md5_number_upper({text}) >> 11) / pow(2, 53)"
