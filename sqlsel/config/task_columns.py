"""Prediction tasks in a relation: a struct column named like the task, or columns ``task.part``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlsel.config.column_lookup import NUMBERS, Column, Columns, column, is_vector, struct_fields
from sqlsel.errors import CatalogError, ConfigError, listing, suggestion, unknown

PRETAGGING = "lightly_pretagging"
ALIASES = {
    "prediction-margin": "objectness_least_confidence",
    "object-frequency": "object_frequency",
}

_MARKS = frozenset(("class_distribution", "probabilities", "objects", "embeddings"))

# p: one vector of probabilities. A single one, p, is completed to [p, 1 - p]; an empty one gives 0.
FORMULAS = {
    "uncertainty_least_confidence": "(1 - list_max(p)) / (1 - 1.0 / len(p))",
    "uncertainty_margin": "1 - (list_reverse_sort(p)[1] - list_reverse_sort(p)[2])",
    "uncertainty_entropy": "list_sum(list_transform(p, "
    "lambda x: CASE WHEN x > 0 THEN -x * log2(x) ELSE 0 END)) / log2(nullif(len(p), 0))",
}


@dataclass(frozen=True)
class Task:
    """The schema of a prediction task: its type, and (id, name) of its categories in order.

    ``n_unknown``: how many samples have NULL objects, since their predictions were not read.
    """

    name: str
    type: str
    categories: tuple[tuple[int, str], ...]
    n_unknown: int = 0


def part(task: str, name: str, columns: Columns) -> Column | None:
    """The field ``name`` of the task's struct column, else the column ``task.name``."""
    within = struct_fields(columns[task]) if task in columns else {}
    if name in within:
        return column([task, name], columns, within[name])
    dotted = f"{task}.{name}"
    return column([dotted], columns, columns[dotted]) if dotted in columns else None


def parts(task: str, columns: Columns) -> Columns:
    """All fields of a task, by name."""
    within = struct_fields(columns[task]) if task in columns else {}
    dotted = {
        key.removeprefix(f"{task}."): kind
        for key, kind in columns.items()
        if key.startswith(f"{task}.")
    }
    return {**dotted, **within}


def class_row(task: str, columns: Columns) -> Column:
    """The column of masses per class: ``class_distribution`` of the task, else its ``probabilities``."""
    masses = part(task, "class_distribution", columns) or part(task, "probabilities", columns)
    if masses:
        return masses
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
    probabilities = computed_from(task, name, columns)
    if probabilities is not None:
        return Column(
            _computed(name, probabilities.sql),
            f"{task}.{name}",
            probabilities.type,
            computed="double",
        )
    vectors = part(task, "probabilities", columns)
    computable = vectors is not None and is_vector(vectors.type)
    numeric_fields = [field for field, kind in parts(task, columns).items() if kind.id in NUMBERS]
    message = unknown("score", name, [*numeric_fields, *(FORMULAS if computable else ())])
    missing = name in FORMULAS and not computable
    more = " It is computed where the task has probabilities (DOUBLE[])." if missing else ""
    raise CatalogError(f"task {task!r}: {message}{more}")


def computed_from(task: str, name: str, columns: Columns) -> Column | None:
    """The probabilities from which the score would be computed; None where it is stored, or cannot be computed."""
    probabilities = part(task, "probabilities", columns)
    if name not in FORMULAS or part(task, name, columns) or probabilities is None:
        return None
    return probabilities if is_vector(probabilities.type) else None


def check_classes(classes: Iterable[str], names: Sequence[str], task: str, place: str) -> None:
    """A ConfigError at ``place`` that lists those of ``classes`` that are no classes of the task."""
    problems = [
        f"{place}: class {name!r} is not a class of task {task!r} ({listing(names)})."
        f"{suggestion(name, names)}"
        for name in classes
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
    existing = task_names(columns)
    message = f"{unknown('task', task, existing)} A task is a struct column of that name."
    if not suggestion(task, existing):
        command = f"sqlsel predict IMAGES --model FILE.onnx --task {task} --db FILE"
        message = f"{message} {command} makes one of images"
    raise CatalogError(message)


def task_names(columns: Columns) -> list[str]:
    """The names of structs and dotted prefixes that hold class masses, objects, vectors or scores."""
    names = {key.split(".")[0] for key in columns if "." in key} | {
        key for key in columns if struct_fields(columns[key])
    }
    marks = _MARKS.union(FORMULAS, ALIASES.values())
    return sorted(name for name in names if not marks.isdisjoint(parts(name, columns)))


def _computed(name: str, probabilities: str) -> str:
    completed = "lambda p: CASE len(p) WHEN 1 THEN [p[1], 1 - p[1]] ELSE p END"
    vector = f"list_transform([CAST({probabilities} AS DOUBLE[])], {completed})"
    # 0 for an empty list of probabilities, NULL for NULL.
    none = f"0 * len({probabilities})"
    return f"coalesce(list_transform({vector}, lambda p: {FORMULAS[name]})[1], {none})"
