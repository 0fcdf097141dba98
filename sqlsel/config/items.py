"""Each entry of a configuration as one item of ``USING STRATEGY``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlsel.config import objects, query_sets, resolve, tasks
from sqlsel.config.columns import NUMBERS, Column, is_vector
from sqlsel.config.entries import Entry
from sqlsel.config.faults import Faults
from sqlsel.config.inputs import Embeddings, Metadata, Predictions, Random
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
Options = dict[str, float | str | None]


def item(entry: Entry, place: str, data: Data, claims: Sequence[str]) -> str:
    """The item that means what ``entry`` at ``place`` does; ``claims`` are no embeddings.

    Raises what the data lacks; where that is not all of it, the rest is in ``data.faults``.
    """
    match entry.strategy:
        case Threshold() as wanted:
            return f"THRESHOLD({_condition(entry, wanted, place, data)})"
        case Balance() as wanted:
            return _balance(entry, wanted, place, data)
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
    return _call(entry.strategy.type, [found.sql if found else ""], options)


def known_objects(entry: Entry, data: Data) -> str | None:
    """The condition that BALANCE needs: to it a sample without classes is one of "other".

    What is on a sample whose labels were left out is not known, so it is not eligible.
    """
    if isinstance(entry.strategy, Balance) and isinstance(entry.input, Predictions):
        return objects.known(entry.input.task, data.tasks, data.columns)
    return None


def _of_vectors(
    entry: Entry, place: str, source: Embeddings, data: Data, found: Column | None
) -> Options:
    wanted = entry.strategy
    if isinstance(wanted, Other):
        return _as_written(wanted)
    strength = _strength(getattr(wanted, "strength", 1.0))
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
        "strength": _strength(wanted.strength),
    }
    if not isinstance(entry.input, Random):
        return _call("WEIGHTS", [resolve.number(entry, place, data).sql], options)
    if wanted.stopping_condition_max_sum is None and wanted.target_range is None:
        return _call("RANDOM", [], {"seed": entry.input.random_seed, **options})
    return _call("WEIGHTS", [_random(entry, entry.input, place, data)], options)


def _as_written(wanted: Other) -> Options:
    return {name: quoting.constant(value) for name, value in wanted.options.items()}


def _other(entry: Entry, wanted: Other, place: str, data: Data) -> str:
    """A strategy beyond Lightly's over numbers, classes or nothing."""
    options = _as_written(wanted)
    if wanted.takes == "nothing":
        return _call(wanted.type, [], options)
    if wanted.takes == "numbers":
        source = entry.input
        number = (
            _random(entry, source, place, data)
            if isinstance(source, Random)
            else resolve.number(entry, place, data).sql
        )
        return _call(wanted.type, [number], options)
    if isinstance(entry.input, Predictions):
        found, _, _ = _classes(entry, entry.input, Balance(distribution="INPUT"), place, data)
    else:
        key = entry.input.key if isinstance(entry.input, Metadata) else ""
        found = resolve.category(key, entry.at(place, "input.key"), data)
    return _call(wanted.type, [found.sql], options)


def _range(wanted: tuple[float | None, float | None] | None) -> str | None:
    """Both ends, since the clause wants two numbers; an end not given is one never reached."""
    if wanted is None:
        return None
    least, largest = wanted
    ends = (0 if least is None else least, BEYOND if largest is None else largest)
    return f"[{', '.join(map(quoting.literal, ends))}]"


def _call(name: str, arguments: list[str], options: Options) -> str:
    """A strategy with those of its options that are set; a text is SQL already."""
    named = [
        f"{option} := {value if isinstance(value, str) else quoting.literal(value)}"
        for option, value in options.items()
        if value is not None
    ]
    return f"{name}({', '.join(arguments + named)})"


def _strength(strength: float) -> float | None:
    return None if strength == 1.0 else strength


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


def _balance(entry: Entry, wanted: Balance, place: str, data: Data) -> str:
    options: Options = {}
    if isinstance(entry.input, Predictions):
        found, names, told = _classes(entry, entry.input, wanted, place, data)
        if names is not None:
            asked, task = [name for name, _ in wanted.target], found.name.rpartition(".")[0]
            tasks.check_classes(asked, names, task, entry.at(place, "strategy.target"))
        shares = list(wanted.target)
        if told and names is not None:
            options["classes"] = f"[{', '.join(map(quoting.literal, names))}]"
    else:
        key = entry.input.key if isinstance(entry.input, Metadata) else ""
        found = resolve.category(key, entry.at(place, "input.key"), data)
        shares = _categories(wanted, found, entry.at(place, "strategy.target"))
    entries = ", ".join(
        f"{quoting.literal(name)}: {quoting.literal(share)}" for name, share in shares
    )
    target = (
        f"MAP {{{entries}}}"
        if wanted.distribution == "TARGET"
        else quoting.literal(wanted.distribution.lower())
    )
    options["strength"] = _strength(wanted.strength)
    return _call("BALANCE", [found.sql, target], options)


def _classes(
    entry: Entry, source: Predictions, wanted: Balance, place: str, data: Data
) -> tuple[Column, list[str] | None, bool]:
    """The mass per class, the names of the classes, and whether the clause must be told them."""
    at = entry.at(place, "input.task")
    if source.name == "LABEL_COUNT":
        found, names = objects.counts(source.task, data.tasks, data.columns, at)
        return found, names, True
    task = source.task or ""
    found = tasks.class_row(task, data.columns)
    _check_row(found, at)
    return found, *resolve.class_names(found, task, data, needed=wanted.distribution == "TARGET")


def _check_row(row: Column, place: str) -> None:
    kind = row.type
    masses = (
        [below for name, below in kind.children if kind.id != "map" or name == "value"]
        if kind.id in ("struct", "map")
        else []
    )
    if is_vector(kind) or (masses and all(mass.id in NUMBERS for mass in masses)):
        return
    raise ConfigError(
        f"{place}: {row.name} is {kind}; "
        "BALANCE needs a number per class: a STRUCT, a MAP or a list of numbers"
    )


def _categories(wanted: Balance, found: Column, where: str) -> list[tuple[str, float]]:
    """The target with each key in the text form of its value: JSON has no other keys than texts."""
    spelt: dict[str, str] = {}
    shares, faults = [], Faults()
    for name, share in wanted.target:
        with faults.at(where):
            value = _spelling(name, found, where)
            if value in spelt:
                raise ConfigError(
                    f"{where}: {spelt[value]!r} and {name!r} name one value of {found.name}"
                )
            spelt[value] = name
            shares.append((value, share))
    faults.check()
    return shares


def _spelling(name: str, found: Column, where: str) -> str:
    if found.type.id == "boolean":
        if name not in ("true", "True", "false", "False"):
            raise ConfigError(
                f"{where}: {name!r} is no value of {found.name}, which is true or false"
            )
        return name.lower()
    if found.is_number:
        if not re.fullmatch(r"[+-]?[0-9]{1,40}", name):
            raise ConfigError(
                f"{where}: {name!r} is no value of {found.name}, which holds integers"
            )
        return str(int(name))
    return name
