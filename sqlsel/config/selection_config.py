"""The selection configuration: a budget and a list of entries, each a strategy on an input.

Keys are those of all versions of Lightly's selection, in snake_case or camelCase; LightlyStudio's
form and jobs around a selection are read too. All problems are raised at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from sqlsel.config.autotasks import AutoTask, read_auto_tasks
from sqlsel.config.entries import Entry, read_entry
from sqlsel.config.envelope import Worker, unwrap
from sqlsel.config.others import NO_OTHERS, Others
from sqlsel.config.patterns import PathPattern, read_pattern
from sqlsel.config.plain import plain
from sqlsel.config.problems import (
    LARGEST_INTEGER,
    Fields,
    Problems,
    describe,
    is_integer,
    is_number,
)
from sqlsel.config.studio import read_studio_entry
from sqlsel.config.vocabulary import STUDIO_MARKS, STUDIO_TOP, TOP, check_keys
from sqlsel.config.worker_options import JOB
from sqlsel.errors import ConfigError


@dataclass(frozen=True)
class SelectionConfig:
    """How many samples to select, absolute or as a proportion of the input, and by which strategies.

    ``preselected_tag``: the tag of samples that are selected already; ``tag``: the tag to write.
    """

    n_samples: int | None
    proportion_samples: float | None
    strategies: tuple[Entry, ...]
    remarks: tuple[str, ...] = field(default=(), compare=False)
    worker: Worker = field(default_factory=Worker)
    preselected_tag: str | None = None
    tag: str | None = None
    auto_tasks: tuple[AutoTask, ...] = ()
    lightly_path_regex: PathPattern | None = None
    original: object = field(default=None, compare=False)  # as it was written
    file: str = field(default="", compare=False)
    problems: tuple[str, ...] = field(default=(), compare=False)  # of a draft; none of a valid one

    @classmethod
    def from_dict(cls, data: object, others: Others = NO_OTHERS) -> SelectionConfig:
        """The configuration that ``data`` describes; a ConfigError lists all faults.

        ``data``: parsed JSON, or objects with a dict of their own, as Lightly's client has them. A
        bare list of strategies has no budget; the caller adds one. ``others``: the strategies that
        exist beside Lightly's.

        >>> entry = {"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}
        >>> SelectionConfig.from_dict({"n_samples": 100, "strategies": [entry]}).n_samples
        100
        """
        draft = cls.draft(data, others)
        if draft.problems:
            raise ConfigError(*draft.problems)
        return draft

    @classmethod
    def draft(cls, data: object, others: Others = NO_OTHERS) -> SelectionConfig:
        """The readable part of ``data``, with its faults as ``problems``.

        A ConfigError where it has no selection that could be compared with the columns of the data.
        """
        original = data = plain(data)
        problems = Problems()
        if bare := isinstance(data, list):
            data = {"n_samples": 1, "strategies": data}
        if not isinstance(data, Mapping):
            raise ConfigError(f"the configuration must be an object, got {describe(data)}")
        job = Fields.of("", data, problems, names=(*JOB, *TOP, *STUDIO_TOP))
        envelope = unwrap(job) if job else None
        config = None
        if envelope and envelope.selection is not None:
            place, selection = envelope.place, envelope.selection
            fields = Fields.of(place, selection, problems, names=(*TOP, *STUDIO_TOP))
            config = _config(fields, envelope.worker, others) if fields else None
        if config is None:
            raise ConfigError(*problems.messages)
        count = None if bare else config.n_samples
        return replace(
            config, original=original, n_samples=count, problems=tuple(problems.messages)
        )


def _config(fields: Fields, worker: Worker, others: Others) -> SelectionConfig:
    forms = _forms(fields)
    if studio := True in forms:
        fields = _with_lightlys_budget(fields)
        worker = _with_sequences(fields, worker)
    check_keys(fields, (*STUDIO_TOP, *TOP) if studio else TOP)
    n_samples, proportion = _budget(_without_zero(fields), worker.selected_sequence_length)
    read = read_studio_entry if studio else partial(read_entry, others=others)
    listed = _entries(fields) if len(forms) < 2 else []
    entries = [read(fields.problems, place, data) for place, data in listed]
    return SelectionConfig(
        n_samples,
        proportion,
        tuple(entry for entry in entries if entry),
        tuple(fields.problems.remarks),
        worker,
        fields.text("preselected_tag_name") if studio else None,
        fields.text("sampling_result_tag_name") if studio else None,
        read_auto_tasks(fields),
        read_pattern(fields),
    )


def _forms(fields: Fields) -> set[bool]:
    """The forms of the entries: True for LightlyStudio's, False for Lightly's; both are a problem."""
    value = fields.values.get("strategies")
    entries = value if isinstance(value, list) else []
    forms = {not STUDIO_MARKS.isdisjoint(entry) for entry in entries if isinstance(entry, Mapping)}
    if len(forms) > 1:
        fields.problem(
            "a list holds entries of Lightly ('input' and 'strategy') "
            "or of LightlyStudio ('strategy_name'), not both",
            "strategies",
        )
    return forms


def _with_lightlys_budget(fields: Fields) -> Fields:
    """The fields with LightlyStudio's n_samples_to_select under Lightly's name, n_samples."""
    if not fields.has("n_samples_to_select"):
        return fields
    if fields.has("n_samples"):
        fields.problem("'n_samples' and 'n_samples_to_select' are the same key")
    written = {**fields.written, "n_samples": fields.written["n_samples_to_select"]}
    renamed = Fields(fields.place, fields.values, fields.problems, written)
    return renamed.with_values(n_samples=fields.values["n_samples_to_select"])


def _with_sequences(fields: Fields, worker: Worker) -> Worker:
    """``worker`` with LightlyStudio's selected_sequence_length, which stands beside the strategies."""
    length = fields.integer("selected_sequence_length", 2)
    return worker if length is None else replace(worker, selected_sequence_length=length)


def _without_zero(fields: Fields) -> Fields:
    """The fields without a budget of 0 where the other one is set: web forms send 0 for "not set"."""
    both = ("n_samples", "proportion_samples")
    zero = [
        key for key in both if fields.values.get(key) == 0 and is_number(fields.values.get(key))
    ]
    other = [key for key in both if fields.has(key) and key not in zero]
    return fields.with_values(**dict.fromkeys(zero)) if zero and other else fields


def _budget(fields: Fields, sequence: int | None) -> tuple[int | None, float | None]:
    """(n_samples, proportion_samples), one of them None; ``sequence``: frames per sample."""
    n_samples, proportion = _count(fields), _proportion(fields)
    has_count = fields.values.get("n_samples") not in (None, -1)
    if has_count and fields.has("proportion_samples"):
        fields.problem("give exactly one of n_samples and proportion_samples, not both")
    elif not has_count and not fields.has("proportion_samples"):
        fields.problem("give n_samples or proportion_samples")
    if n_samples and sequence and n_samples % sequence:
        fields.problem(
            f"must be a multiple of selected_sequence_length ({sequence}), got {n_samples}",
            "n_samples",
        )
    return n_samples, proportion


def _count(fields: Fields) -> int | None:
    value = fields.values.get("n_samples")
    if is_integer(value) and (0 < value <= LARGEST_INTEGER or value == -1):
        return None if value == -1 else value
    if value is not None:
        kind = " (float)" if isinstance(value, float) else ""
        fields.problem(
            f"must be a positive integer (or -1: not set), got {describe(value)}{kind}", "n_samples"
        )
    return None


def _proportion(fields: Fields) -> float | None:
    value = fields.values.get("proportion_samples")
    if is_number(value) and 0 < value <= 1:
        return float(value)
    if value is not None:
        fields.problem(
            f"must be a number above 0 and at most 1, got {describe(value)}", "proportion_samples"
        )
    return None


def _entries(fields: Fields) -> list[tuple[str, object]]:
    """The entries, each with its place."""
    value, place = fields.values.get("strategies"), fields.below("strategies")
    if value is None or value in ([], ()):
        fields.problem("needs at least one strategy", "strategies")
    elif isinstance(value, list | tuple):
        return [(f"{place}[{i}]", entry) for i, entry in enumerate(value)]
    else:
        fields.problem(
            f"must be a list of objects with 'input' and 'strategy', got {describe(value)}",
            "strategies",
        )
    return []
