"""Prediction tasks in a relation: a struct column named like the task, or columns ``task.part``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlsel.config.column_lookup import NUMBERS, Column, Columns, column, fields, is_vector
from sqlsel.errors import CatalogError, ConfigError, suggestion, unknown

PRETAGGING = "lightly_pretagging"
ALIASES = {
    "prediction-margin": "objectness_least_confidence",
    "object-frequency": "object_frequency",
}

_MARKS = frozenset(("class_distribution", "probabilities", "objects", "embeddings"))

# p is one probability vector. A lone probability gets its rest; no vector: no uncertainty.
FORMULAS = {
    "uncertainty_least_confidence": "(1 - list_max(p)) / (1 - 1.0 / len(p))",
    "uncertainty_margin": "1 - (list_reverse_sort(p)[1] - list_reverse_sort(p)[2])",
    "uncertainty_entropy": "list_sum(list_transform(p, "
    "lambda x: CASE WHEN x > 0 THEN -x * log2(x) ELSE 0 END)) / log2(nullif(len(p), 0))",
}


@dataclass(frozen=True)
class Task:
    """What the schema of a task says: its type, and (id, name) of its categories in their order.

    ``n_unknown``: of how many samples it is not known which objects they have (NULL).
    """

    name: str
    type: str
    categories: tuple[tuple[int, str], ...]
    n_unknown: int = 0


def part(task: str, name: str, columns: Columns) -> Column | None:
    """The field ``name`` of the task's struct column, else the column ``task.name``."""
    within = fields(columns[task]) if task in columns else {}
    if name in within:
        return column([task, name], columns, within[name])
    dotted = f"{task}.{name}"
    return column([dotted], columns, columns[dotted]) if dotted in columns else None


def parts(task: str, columns: Columns) -> Columns:
    """All fields of a task, by name."""
    within = fields(columns[task]) if task in columns else {}
    dotted = {
        key.removeprefix(f"{task}."): kind
        for key, kind in columns.items()
        if key.startswith(f"{task}.")
    }
    return {**dotted, **within}


def class_row(task: str, columns: Columns) -> Column:
    """The mass of each class: ``class_distribution`` of the task, else its ``probabilities``."""
    found = part(task, "class_distribution", columns) or part(task, "probabilities", columns)
    if found:
        return found
    check_task(task, columns)
    raise CatalogError(
        f"task {task!r} has neither class_distribution nor probabilities; "
        f"it has {', '.join(parts(task, columns))}"
    )


def score(task: str, name: str, columns: Columns) -> Column:
    """A score of the task; computed from its ``probabilities`` if it is not stored."""
    for spelling in (name, ALIASES.get(name, name)):
        if stored := part(task, spelling, columns):
            return stored
    check_task(task, columns)
    probabilities = part(task, "probabilities", columns)
    computable = probabilities is not None and is_vector(probabilities.type)
    if probabilities and computable and name in FORMULAS:
        return Column(
            _computed(name, probabilities.sql),
            f"{task}.{name}",
            probabilities.type,
            computed="double",
        )
    known = [field for field, kind in parts(task, columns).items() if kind.id in NUMBERS]
    message = unknown("score", name, [*known, *(FORMULAS if computable else ())])
    missing = name in FORMULAS and not computable
    more = " It is computed where the task has probabilities (DOUBLE[])." if missing else ""
    raise CatalogError(f"task {task!r}: {message}{more}")


def check_classes(asked: Iterable[str], names: Sequence[str], task: str, place: str) -> None:
    """A ConfigError at ``place`` that lists those of ``asked`` that are no classes of the task."""
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    problems = [
        f"{place}: class {name!r} is not a class of task {task!r} ({listed})."
        f"{suggestion(name, names)}"
        for name in asked
        if name not in names
    ]
    if problems:
        raise ConfigError(*problems)


def check_task(task: str, columns: Columns) -> None:
    """A CatalogError if the data has no such task."""
    if parts(task, columns):
        return
    if task in columns:
        kind = column([task], columns, columns[task]).kind
        raise CatalogError(
            f"task {task!r}: the column of that name is {kind}; "
            "it must be a struct with the predictions"
        )
    if task == PRETAGGING:
        raise CatalogError(
            f"task {task!r} is not in the data. A detector of your own puts it there: sqlsel predict "
            f"IMAGES --model FILE.onnx --task {task} --db FILE; or a dump: sqlsel import pretagging"
        )
    known = named(columns)
    message = f"{unknown('task', task, known)} A task is a struct column of that name."
    if not suggestion(task, known):
        command = f"sqlsel predict IMAGES --model FILE.onnx --task {task} --db FILE"
        message = f"{message} {command} makes one of images"
    raise CatalogError(message)


def named(columns: Columns) -> list[str]:
    """Columns and prefixes that look like tasks: they hold class rows, objects or scores."""
    names = {key.split(".")[0] for key in columns if "." in key} | {
        key for key in columns if fields(columns[key])
    }
    marks = _MARKS.union(FORMULAS, ALIASES.values())
    return sorted(name for name in names if not marks.isdisjoint(parts(name, columns)))


def _computed(name: str, probabilities: str) -> str:
    completed = "lambda p: CASE len(p) WHEN 1 THEN [p[1], 1 - p[1]] ELSE p END"
    vector = f"list_transform([CAST({probabilities} AS DOUBLE[])], {completed})"
    # Without an object 0; NULL where it is not known what there is.
    none = f"0 * len({probabilities})"
    return f"coalesce(list_transform({vector}, lambda p: {FORMULAS[name]})[1], {none})"
