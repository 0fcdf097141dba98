"""One entry of a configuration in Lightly's form: an input, and a strategy that can use it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlsel.config.entry_inputs import Embeddings, Input, read_input
from sqlsel.config.others import NO_OTHERS, Others
from sqlsel.config.problems import Fields, Problems
from sqlsel.config.strategies import Similarity, Strategy, read_strategy
from sqlsel.config.vocabulary import ACCEPTED, ENTRY, INPUTS, NAMES, STRATEGIES, check_keys, names

_STUDIO_KEYS = {
    "input.key": "metadata_key",
    "input.task": "annotation_source_id",
    "input.tag_name": "query_tag_name",
    "strategy.stopping_condition_minimum_distance": "stopping_condition_minimum_distance",
    "strategy.target": "target_distribution",
}


@dataclass(frozen=True)
class Entry:
    """One objective: a ``strategy`` on the values of an ``input``.

    ``place``: its path in the configuration. ``studio``: it was written in LightlyStudio's form.
    """

    input: Input
    strategy: Strategy
    place: str = field(default="", compare=False)
    studio: bool = field(default=False, compare=False)

    def at(self, place: str, key: str) -> str:
        """The path of a key of the entry at ``place``, in the spelling of the form in which it was written."""
        written = _STUDIO_KEYS.get(key) if self.studio else key
        return f"{place}.{written}" if written else place


def read_entry(
    problems: Problems, place: str, data: object, others: Others = NO_OTHERS
) -> Entry | None:
    """The entry at ``place``, or None if it has a problem, which is noted.

    ``others``: the strategies that exist beside Lightly's.
    """
    entry = Fields.of(place, data, problems, "an object with 'input' and 'strategy'", ENTRY)
    if entry is None:
        return None
    check_keys(entry, ENTRY)
    strategy_keys = names(STRATEGIES, {kind: tuple(one.options) for kind, one in others.items()})
    input_fields = _part(entry, "input", names(INPUTS))
    strategy_fields = _part(entry, "strategy", strategy_keys)
    if strategy_fields and entry.has("strength"):
        strategy_fields = _with_strength(entry, strategy_fields)
    source = read_input(input_fields) if input_fields else None
    strategy = read_strategy(strategy_fields, others) if strategy_fields else None
    if input_fields and strategy_fields:
        fault = _pair_fault(input_fields, strategy_fields.values.get("type"), others)
        if fault:
            entry.problem(fault)
            return None
    if source is None or strategy is None:
        return None
    if fault := _query_set_fault(source, strategy):
        entry.problem(fault, "input")
        return None
    return Entry(source, strategy, place)


def _part(entry: Fields, key: str, keys: frozenset[str]) -> Fields | None:
    if not entry.has(key):
        entry.problem(f"needs {key!r}")
        return None
    return Fields.of(entry.below(key), entry.values[key], entry.problems, names=keys)


def _with_strength(entry: Fields, strategy: Fields) -> Fields:
    """The strategy with the entry's ``strength``: Lightly's pages print it beside 'strategy' instead of in it."""
    if strategy.has("strength"):
        entry.problem("'strength' stands beside 'strategy' and in it; give it once, in 'strategy'")
        return strategy
    entry.problems.remark(
        entry.below("strength"), "belongs in 'strategy'; read as if it stood there"
    )
    return strategy.with_values(strength=entry.values["strength"])


def _pair_fault(source: Fields, strategy: object, others: Others) -> str:
    """What is wrong with an input for a strategy; empty if nothing is."""
    name = "DIVERSITY" if strategy == "DIVERSIFY" else str(strategy)
    other = others.get(name)
    accepted, input_type = (
        other.accepted() if other else ACCEPTED.get(name),
        source.values.get("type"),
    )
    if accepted is None or not isinstance(input_type, str) or input_type not in INPUTS:
        return ""
    if input_type == "PREDICTIONS":
        predicted = source.values.get("name")
        if isinstance(predicted, str) and predicted in NAMES:
            input_type = f"PREDICTIONS ({predicted})"
        elif any(word.startswith(input_type) for word in accepted):
            return ""  # the missing or wrong name of the predictions is noted elsewhere
    if input_type in accepted:
        return ""
    listed = " and ".join([", ".join(accepted[:-1]), accepted[-1]] if accepted[1:] else accepted)
    return f"{name} cannot use {input_type}. It accepts {listed}"


def _query_set_fault(source: Input, strategy: Strategy) -> str:
    """What is wrong with the vectors to be similar to; empty if nothing is."""
    if not isinstance(source, Embeddings):
        return ""
    query_set = [source.dataset_id, source.tag_name]
    if not isinstance(strategy, Similarity):
        return "" if query_set == [None, None] else "a query set is used by SIMILARITY only"
    if strategy.queries:
        return "" if query_set == [None, None] else "give a query set or 'queries', not both"
    return "needs a query set: dataset_id and tag_name" if None in query_set else ""
