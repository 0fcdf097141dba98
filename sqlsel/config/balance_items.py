"""BALANCE of a configuration as text of ``USING STRATEGY``: on classes of predictions or categories of metadata."""

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


def balance_item(entry: Entry, strategy: Balance, place: str, data: Data) -> str:
    """``BALANCE(…)`` for the entry at ``place``; CatalogError or ConfigError where the data lacks its column."""
    options: Options = {}
    if isinstance(entry.input, Predictions):
        column, names, names_needed = class_column(entry, entry.input, strategy, place, data)
        if names is not None:
            target_names, task = (
                [name for name, _ in strategy.target],
                column.name.rpartition(".")[0],
            )
            task_columns.check_classes(
                target_names, names, task, entry.at(place, "strategy.target")
            )
        shares = list(strategy.target)
        if names_needed and names is not None:
            options["classes"] = f"[{', '.join(map(quoting.literal, names))}]"
    else:
        key = entry.input.key if isinstance(entry.input, Metadata) else ""
        column = resolve.category(key, entry.at(place, "input.key"), data)
        shares = _shares_by_value(strategy, column, entry.at(place, "strategy.target"))
    entries = ", ".join(
        f"{quoting.literal(name)}: {quoting.literal(share)}" for name, share in shares
    )
    target = (
        f"MAP {{{entries}}}"
        if strategy.distribution == "TARGET"
        else quoting.literal(strategy.distribution.lower())
    )
    options["strength"] = exponent(strategy.strength)
    return call("BALANCE", [column.sql, target], options)


def class_column(
    entry: Entry, source: Predictions, strategy: Balance, place: str, data: Data
) -> tuple[Column, list[str] | None, bool]:
    """(the column of masses per class, the names of the classes or None, whether the clause must name them)."""
    at = entry.at(place, "input.task")
    if source.name == "LABEL_COUNT":
        column, names = object_columns.counts(source.task, data.tasks, data.columns, at)
        return column, names, True
    task = source.task or ""
    column = task_columns.class_row(task, data.columns)
    _check_row(column, at)
    return column, *resolve.class_names(
        column, task, data, needed=strategy.distribution == "TARGET"
    )


def _check_row(row: Column, place: str) -> None:
    """ConfigError for a column that does not hold a number per class."""
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


def _shares_by_value(strategy: Balance, column: Column, where: str) -> list[tuple[str, float]]:
    """The target, keys spelt as SQL casts the column's values to text: keys of JSON are always texts."""
    key_of_value: dict[str, str] = {}
    shares, faults = [], Faults()
    for name, share in strategy.target:
        with faults.at(where):
            value = _value_text(name, column, where)
            if value in key_of_value:
                raise ConfigError(
                    f"{where}: {key_of_value[value]!r} and {name!r} name one value of {column.name}"
                )
            key_of_value[value] = name
            shares.append((value, share))
    faults.check()
    return shares


def _value_text(name: str, column: Column, where: str) -> str:
    """A key of the target as the text of a boolean, integer or text of ``column``; ConfigError otherwise."""
    if column.type.id == "boolean":
        if name not in ("true", "True", "false", "False"):
            raise ConfigError(
                f"{where}: {name!r} is no value of {column.name}, which is true or false"
            )
        return name.lower()
    if column.is_number:
        if not re.fullmatch(r"[+-]?[0-9]{1,40}", name):
            raise ConfigError(
                f"{where}: {name!r} is no value of {column.name}, which holds integers"
            )
        return str(int(name))
    return name
