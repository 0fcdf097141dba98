"""BALANCE of a configuration as an item of ``USING STRATEGY``: classes of predictions, or categories of metadata."""

from __future__ import annotations

import re

from sqlsel.config import object_columns, resolve, task_columns
from sqlsel.config.calls import Options, call, exponent
from sqlsel.config.column_lookup import NUMBERS, Column, is_vector
from sqlsel.config.entries import Entry
from sqlsel.config.entry_inputs import Metadata, Predictions
from sqlsel.config.faults import Faults
from sqlsel.config.resolve import Data
from sqlsel.config.strategies import Balance
from sqlsel.errors import ConfigError
from sqlsel.sqltext import quoting


def balance(entry: Entry, wanted: Balance, place: str, data: Data) -> str:
    """The item for an entry at ``place``; raises what the data lacks."""
    options: Options = {}
    if isinstance(entry.input, Predictions):
        found, names, told = classes(entry, entry.input, wanted, place, data)
        if names is not None:
            asked, task = [name for name, _ in wanted.target], found.name.rpartition(".")[0]
            task_columns.check_classes(asked, names, task, entry.at(place, "strategy.target"))
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
    options["strength"] = exponent(wanted.strength)
    return call("BALANCE", [found.sql, target], options)


def classes(
    entry: Entry, source: Predictions, wanted: Balance, place: str, data: Data
) -> tuple[Column, list[str] | None, bool]:
    """The mass per class, the names of the classes, and whether the clause needs these names."""
    at = entry.at(place, "input.task")
    if source.name == "LABEL_COUNT":
        found, names = object_columns.counts(source.task, data.tasks, data.columns, at)
        return found, names, True
    task = source.task or ""
    found = task_columns.class_row(task, data.columns)
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
