"""Each entry of a configuration as one item of ``USING STRATEGY``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sqlsel import quoting
from sqlsel.config import resolve, tasks
from sqlsel.config.columns import NUMBERS, Column, is_vector
from sqlsel.config.inputs import Embeddings, Metadata, Predictions, Random
from sqlsel.config.model import Entry
from sqlsel.config.resolve import Data
from sqlsel.config.strategies import OPERATIONS, Balance, Diversity, Similarity, Threshold, Weights
from sqlsel.errors import ConfigError


def item(entry: Entry, place: str, data: Data, claims: Sequence[str]) -> str:
    """The item that means what ``entry`` at ``place`` does; ``claims`` are no embeddings."""
    match entry.strategy:
        case Diversity() as wanted:
            options = {
                "min_distance": wanted.stopping_condition_minimum_distance,
                "strength": _strength(wanted.strength),
            }
            return _call("DIVERSITY", [resolve.embedding(data, claims).sql], options)
        case Weights() as wanted:
            options = {"strength": _strength(wanted.strength)}
            if isinstance(entry.input, Random):
                return _call("RANDOM", [], {"seed": entry.input.random_seed, **options})
            return _call("WEIGHTS", [resolve.number(entry, place, data).sql], options)
        case Threshold() as wanted:
            return f"THRESHOLD({_condition(entry, wanted, place, data)})"
        case Balance() as wanted:
            return _balance(entry, wanted, place, data)
        case Similarity() as wanted:
            return _similarity(entry, wanted, data, claims)


def _call(name: str, arguments: list[str], options: Mapping[str, float | str | None]) -> str:
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
        if data.key is None:
            raise ConfigError(f"{place}: THRESHOLD on RANDOM needs a column of sample ids (key)")
        # The number that RANDOM gives on every surface: threshold and weight of one seed agree.
        text = f"concat({entry.input.random_seed or 0}, ':', {quoting.identifier(data.key)})"
        return f"(md5_number_upper({text}) >> 11) / pow(2, 53) {compared}"
    value = resolve.number(entry, place, data)
    return f"{value.sql} {compared}" + (f" AND NOT isnan({value.sql})" if value.may_be_nan else "")


def _similarity(entry: Entry, wanted: Similarity, data: Data, claims: Sequence[str]) -> str:
    vectors = resolve.embedding(data, claims)
    source = entry.input if isinstance(entry.input, Embeddings) else Embeddings()
    options = {
        "query": resolve.query(source, data, vectors),
        "strength": _strength(wanted.strength),
    }
    return _call("SIMILARITY", [vectors.sql], options)


def _balance(entry: Entry, wanted: Balance, place: str, data: Data) -> str:
    options: dict[str, float | str | None] = {}
    if isinstance(entry.input, Predictions):
        task = entry.input.task
        found = tasks.class_row(task, data.columns)
        _check_row(found, place)
        names, told = resolve.class_names(found, task, data, needed=wanted.distribution == "TARGET")
        for name, _ in wanted.target if names is not None else ():
            resolve.check_class(name, names or (), task, place)
        shares = list(wanted.target)
        if told and names is not None:
            options["classes"] = f"[{', '.join(map(quoting.literal, names))}]"
    else:
        found = resolve.category(
            entry.input.key if isinstance(entry.input, Metadata) else "", place, data
        )
        shares = _categories(wanted, found, place)
    entries = ", ".join(
        f"{quoting.literal(name)}: {quoting.literal(share)}" for name, share in shares
    )
    target = (
        f"MAP {{{entries}}}"
        if wanted.distribution == "TARGET"
        else quoting.literal(wanted.distribution.lower())
    )
    return _call(
        "BALANCE", [found.sql, target], {**options, "strength": _strength(wanted.strength)}
    )


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
        f"{place}.input.task: {row.name} is {kind}; "
        "BALANCE needs a number per class: a STRUCT, a MAP or a list of numbers"
    )


def _categories(wanted: Balance, found: Column, place: str) -> list[tuple[str, float]]:
    """The target with each key in the text form of its value: JSON has no other keys than texts."""
    where = f"{place}.strategy.target"
    spelt: dict[str, str] = {}
    shares = []
    for name, share in wanted.target:
        value = _spelling(name, found, where)
        if value in spelt:
            raise ConfigError(
                f"{where}: {spelt[value]!r} and {name!r} name one value of {found.name}"
            )
        spelt[value] = name
        shares.append((value, share))
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
