"""The selection configuration: a budget and a list of inputs with what is to be reached on them.

The names are those of Lightly's selection (V2, snake_case). All problems are raised at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlsel.config.inputs import Embeddings, Input, read_input
from sqlsel.config.problems import LARGEST_INTEGER, Fields, Problems, number, shown
from sqlsel.config.strategies import Similarity, Strategy, read_strategy
from sqlsel.config.vocabulary import ACCEPTED, ENTRY, ENVELOPES, INPUTS, TOP, check_keys
from sqlsel.errors import ConfigError


@dataclass(frozen=True)
class Entry:
    """One objective: what is reached (``strategy``) on which values (``input``)."""

    input: Input
    strategy: Strategy


@dataclass(frozen=True)
class SelectionConfig:
    """How many samples to select, absolute or relative to the input, and by which objectives."""

    n_samples: int | None
    proportion_samples: float | None
    strategies: tuple[Entry, ...]
    remarks: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def from_dict(cls, data: object) -> SelectionConfig:
        """The configuration that ``data`` (parsed JSON) describes; a ConfigError lists all faults.

        >>> entry = {"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}
        >>> SelectionConfig.from_dict({"n_samples": 100, "strategies": [entry]}).n_samples
        100
        """
        problems = Problems()
        if not isinstance(data, Mapping):
            raise ConfigError(f"the configuration must be an object, got {shown(data)}")
        fields = Fields.of("", data, problems)
        config = _config(fields) if fields else None
        if problems.found or config is None:
            raise ConfigError(*problems.found)
        return config


def _config(fields: Fields) -> SelectionConfig | None:
    for key in ENVELOPES:
        if key in fields.values:
            fields.problem(
                f"key {key!r} is not supported yet: give the selection configuration alone"
            )
    if fields.problems.found:
        return None
    check_keys(fields, TOP)
    n_samples, proportion = _count(fields), _proportion(fields)
    if fields.values.get("n_samples") not in (None, -1) and fields.given("proportion_samples"):
        fields.problem("give exactly one of n_samples and proportion_samples, not both")
    elif fields.values.get("n_samples") in (None, -1) and not fields.given("proportion_samples"):
        fields.problem("give n_samples or proportion_samples")
    entries = tuple(entry for entry in _entries(fields) if entry)
    return SelectionConfig(n_samples, proportion, entries, tuple(fields.problems.remarks))


def _count(fields: Fields) -> int | None:
    value = fields.values.get("n_samples")
    if (
        isinstance(value, int)
        and not isinstance(value, bool)
        and (0 < value <= LARGEST_INTEGER or value == -1)
    ):
        return None if value == -1 else value
    if value is not None:
        kind = " (float)" if isinstance(value, float) else ""
        fields.problem(
            f"must be a positive integer (or -1: not set), got {shown(value)}{kind}", "n_samples"
        )
    return None


def _proportion(fields: Fields) -> float | None:
    value = fields.values.get("proportion_samples")
    if number(value) and isinstance(value, int | float) and 0 < value <= 1:
        return float(value)
    if value is not None:
        fields.problem(
            f"must be a number above 0 and at most 1, got {shown(value)}", "proportion_samples"
        )
    return None


def _entries(fields: Fields) -> list[Entry | None]:
    value = fields.values.get("strategies")
    if value is None or value in ([], ()):
        fields.problem("needs at least one strategy", "strategies")
    elif isinstance(value, list | tuple):
        return [_entry(fields.problems, f"strategies[{i}]", entry) for i, entry in enumerate(value)]
    else:
        fields.problem(
            f"must be a list of objects with 'input' and 'strategy', got {shown(value)}",
            "strategies",
        )
    return []


def _entry(problems: Problems, place: str, data: object) -> Entry | None:
    entry = Fields.of(place, data, problems, "an object with 'input' and 'strategy'")
    if entry is None:
        return None
    if "strategy_name" in entry.values:
        entry.problem(
            "LightlyStudio's form ('strategy_name') is not supported yet: "
            "give 'input' and 'strategy'"
        )
        return None
    check_keys(entry, ENTRY)
    input_fields, strategy_fields = _part(entry, "input"), _part(entry, "strategy")
    if strategy_fields and entry.given("strength"):
        strategy_fields = _with_strength(entry, strategy_fields)
    source = read_input(input_fields) if input_fields else None
    strategy = read_strategy(strategy_fields) if strategy_fields else None
    if input_fields and strategy_fields:
        _check_pair(entry, input_fields.values.get("type"), strategy_fields.values.get("type"))
    if source is None or strategy is None:
        return None
    _check_query_set(entry, source, strategy)
    return Entry(source, strategy)


def _part(entry: Fields, key: str) -> Fields | None:
    if not entry.given(key):
        entry.problem(f"needs {key!r}")
        return None
    return Fields.of(entry.below(key), entry.values[key], entry.problems)


def _with_strength(entry: Fields, strategy: Fields) -> Fields:
    """The strategy with the strength that stands beside it, as Lightly's pages print it."""
    if strategy.given("strength"):
        entry.problem("'strength' stands beside 'strategy' and in it; give it once, in 'strategy'")
        return strategy
    entry.problems.remark(
        entry.below("strength"), "belongs in 'strategy'; read as if it stood there"
    )
    return Fields(
        strategy.place, {**strategy.values, "strength": entry.values["strength"]}, entry.problems
    )


def _check_pair(entry: Fields, source: object, strategy: object) -> None:
    accepted = ACCEPTED.get("DIVERSITY" if strategy == "DIVERSIFY" else str(strategy))
    if accepted is None or source in accepted or source not in tuple(INPUTS):
        return
    names = [f"{name} (CLASS_DISTRIBUTION)" if name == "PREDICTIONS" else name for name in accepted]
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
    name = "DIVERSITY" if strategy == "DIVERSIFY" else strategy
    entry.problem(f"{name} cannot use {source}. It accepts {listed}")


def _check_query_set(entry: Fields, source: Input, strategy: Strategy) -> None:
    if not isinstance(source, Embeddings):
        return
    given = [source.dataset_id, source.tag_name]
    if isinstance(strategy, Similarity) and None in given:
        entry.problem("needs a query set: dataset_id and tag_name", "input")
    elif not isinstance(strategy, Similarity) and given != [None, None]:
        entry.problem("a query set is used by SIMILARITY only", "input")
