"""The selection configuration: a budget and a list of inputs with what is to be reached on them.

The names are those of Lightly's selection, in snake_case or camelCase, of all its versions; also
read are LightlyStudio's form and the jobs around a selection. All problems are raised at once.
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
from sqlsel.config.problems import LARGEST_INTEGER, Fields, Problems, number, shown
from sqlsel.config.studio import read_studio_entry
from sqlsel.config.vocabulary import STUDIO_MARKS, STUDIO_TOP, TOP, check_keys
from sqlsel.config.worker_options import JOB
from sqlsel.errors import ConfigError


@dataclass(frozen=True)
class SelectionConfig:
    """How many samples to select, absolute or relative to the input, and by which objectives.

    ``preselected_tag``: the samples that are selected already; ``tag``: the tag to write.
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
    given: object = field(default=None, compare=False)  # as it was written
    file: str = field(default="", compare=False)
    problems: tuple[str, ...] = field(default=(), compare=False)  # of a draft; none of a valid one

    @classmethod
    def from_dict(cls, data: object, others: Others = NO_OTHERS) -> SelectionConfig:
        """The configuration that ``data`` describes; a ConfigError lists all faults.

        ``data``: parsed JSON, or objects that give their own dict, as those of Lightly's client. A
        bare list of strategies has no budget; it is given where it is run. ``others``: the
        strategies that there are beside Lightly's.

        >>> entry = {"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}
        >>> SelectionConfig.from_dict({"n_samples": 100, "strategies": [entry]}).n_samples
        100
        """
        found = cls.draft(data, others)
        if found.problems:
            raise ConfigError(*found.problems)
        return found

    @classmethod
    def draft(cls, data: object, others: Others = NO_OTHERS) -> SelectionConfig:
        """What can be read of ``data``, with its faults as ``problems``.

        A ConfigError where there is nothing that the data could be compared with.
        """
        given = data = plain(data)
        problems = Problems()
        if bare := isinstance(data, list):
            data = {"n_samples": 1, "strategies": data}
        if not isinstance(data, Mapping):
            raise ConfigError(f"the configuration must be an object, got {shown(data)}")
        job = Fields.of("", data, problems, names=(*JOB, *TOP, *STUDIO_TOP))
        envelope = unwrap(job) if job else None
        config = None
        if envelope and envelope.selection is not None:
            place, selection = envelope.place, envelope.selection
            fields = Fields.of(place, selection, problems, names=(*TOP, *STUDIO_TOP))
            config = _config(fields, envelope.worker, others) if fields else None
        if config is None:
            raise ConfigError(*problems.found)
        count = None if bare else config.n_samples
        return replace(config, given=given, n_samples=count, problems=tuple(problems.found))


def _config(fields: Fields, worker: Worker, others: Others) -> SelectionConfig:
    forms = _forms(fields)
    if studio := True in forms:
        fields = _as_ours(fields)
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
    """Of the strategies: True, there is one in LightlyStudio's form; False, one in Lightly's."""
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


def _as_ours(fields: Fields) -> Fields:
    """LightlyStudio's budget under Lightly's name."""
    if not fields.given("n_samples_to_select"):
        return fields
    if fields.given("n_samples"):
        fields.problem("'n_samples' and 'n_samples_to_select' are the same key")
    written = {**fields.written, "n_samples": fields.written["n_samples_to_select"]}
    renamed = Fields(fields.place, fields.values, fields.problems, written)
    return renamed.having(n_samples=fields.values["n_samples_to_select"])


def _with_sequences(fields: Fields, worker: Worker) -> Worker:
    """What is known of the run, with LightlyStudio's length of sequences."""
    length = fields.integer("selected_sequence_length", 2)
    return worker if length is None else replace(worker, selected_sequence_length=length)


def _without_zero(fields: Fields) -> Fields:
    """The budget without a 0 beside the other way of saying it: forms send it for "not set"."""
    both = ("n_samples", "proportion_samples")
    zero = [key for key in both if fields.values.get(key) == 0 and number(fields.values.get(key))]
    other = [key for key in both if fields.given(key) and key not in zero]
    return fields.having(**dict.fromkeys(zero)) if zero and other else fields


def _budget(fields: Fields, sequence: int | None) -> tuple[int | None, float | None]:
    n_samples, proportion = _count(fields), _proportion(fields)
    given = fields.values.get("n_samples") not in (None, -1)
    if given and fields.given("proportion_samples"):
        fields.problem("give exactly one of n_samples and proportion_samples, not both")
    elif not given and not fields.given("proportion_samples"):
        fields.problem("give n_samples or proportion_samples")
    if n_samples and sequence and n_samples % sequence:
        fields.problem(
            f"must be a multiple of selected_sequence_length ({sequence}), got {n_samples}",
            "n_samples",
        )
    return n_samples, proportion


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


def _entries(fields: Fields) -> list[tuple[str, object]]:
    """The entries, each with its place."""
    value, place = fields.values.get("strategies"), fields.below("strategies")
    if value is None or value in ([], ()):
        fields.problem("needs at least one strategy", "strategies")
    elif isinstance(value, list | tuple):
        return [(f"{place}[{i}]", entry) for i, entry in enumerate(value)]
    else:
        fields.problem(
            f"must be a list of objects with 'input' and 'strategy', got {shown(value)}",
            "strategies",
        )
    return []
