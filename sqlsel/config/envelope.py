"""The job around a selection configuration, as Lightly's client sends it to a Worker."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from sqlsel.config.entry_inputs import TASK
from sqlsel.config.problems import Fields, Problems, clipped
from sqlsel.config.vocabulary import TOP
from sqlsel.config.worker_options import JOB, LIGHTLY, WORKER, Options

SELECTION = ("selection_config", "selection")
OBJECT_LEVEL = frozenset(WORKER["object_level"] or ())
PARTS = (*SELECTION, "worker_config", "docker", "worker", "lightly_config", "lightly", "config")


@dataclass(frozen=True)
class Worker:
    """The options of a job, besides the selection, that have an effect here; None: not set.

    ``embeddings``: a file of vectors. ``selected_sequence_length``: that many consecutive frames are
    one sample. ``object_level_task``: the objects of this task are the samples. ``pretagging``: the
    data must have the task ``lightly_pretagging``.
    """

    relevant_filenames_file: str | None = None
    selected_sequence_length: int | None = None
    embeddings: str | None = None
    normalize_embeddings: bool = True
    use_datapool: bool = False
    pretagging: bool = False
    object_level_task: str | None = None
    seed: int | None = None


HONOURED = frozenset(field.name for field in dataclasses.fields(Worker))


@dataclass(frozen=True)
class Envelope:
    """A job taken apart: the path of its selection, the selection (None without one), other options."""

    place: str
    selection: object
    worker: Worker


def unwrap(data: Fields) -> Envelope:
    """The parts of a job; a bare selection configuration is the selection of a job without options.

    A job inside of ``config`` counts alone. The Envelope's ``place`` is the dotted path of the selection as written,
    empty where there is none. Nothing is raised: what is wrong is added to ``data.problems``, and read as if not set;
    one remark lists the options without effect.
    """
    if not any(name in data.values for name in PARTS):
        written = {data.written[name]: value for name, value in data.values.items()}
        return Envelope(data.place, written, Worker())
    stray = [key for key in data.values if key in TOP and key not in JOB]
    for key in stray:
        data.problem(f"{key!r} belongs in 'selection_config'")
    unknown = _unknown(data, {**JOB, **dict.fromkeys(stray)})
    if data.has("config"):
        inner = Fields.of(data.below("config"), data.values["config"], data.problems, names=JOB)
        return unwrap(inner) if inner else Envelope("", None, Worker())
    worker = _part(data, ("worker_config", "docker", "worker"), WORKER)
    worker = _nested(worker) if worker else None
    lightly = _part(data, ("lightly_config", "lightly"), LIGHTLY)
    for part, options in ((worker, WORKER), (lightly, LIGHTLY)):
        unknown += _unknown(part, options) if part else []
    ignored = [*_ignored(worker, WORKER), *_ignored(lightly, LIGHTLY), *unknown]
    if ignored:
        data.problems.remark("", f"no effect here: {', '.join(ignored)}")
    place, selection = _selection(data)
    return Envelope(place, selection, _worker(worker, lightly))


def _selection(data: Fields) -> tuple[str, object]:
    """(dotted path, value) of the selection configuration, unchecked; ("", None) and a problem without one.

    Where ``selection_config`` and ``selection`` are both set, the first counts.
    """
    key = next((key for key in SELECTION if data.has(key)), None)
    if key is None:
        data.problem("needs 'selection_config'")
        return "", None
    return data.below(key), data.values[key]


def _part(data: Fields, keys: tuple[str, ...], names: Options) -> Fields | None:
    """The fields under the first of ``keys`` that is set; None where none is.

    ``names``: the options that are read in camelCase too. Two keys that are set are a problem, and so is a part that is
    no object, which gives None.
    """
    present = [key for key in keys if data.has(key)]
    if present[1:]:
        data.problem(f"{present[0]!r} and {present[1]!r} are the same part; give one")
    if not present:
        return None
    return Fields.of(data.below(present[0]), data.values[present[0]], data.problems, names=names)


def _nested(worker: Fields) -> Fields | None:
    """The worker's options, which some versions of the client nest one level deeper, under ``docker`` or ``worker``.

    Options beside these are problems. None, with a problem, where the nested part is no object.
    """
    if not any(worker.has(key) for key in ("docker", "worker")):
        return worker
    for key in worker.values:
        if key not in ("docker", "worker"):
            worker.problem("must stand with the other options", key)
    return _part(worker, ("docker", "worker"), WORKER)


def _unknown(fields: Fields, options: Options) -> list[str]:
    """The dotted names, as written and cut where long, of keys that are not in ``options``, at any depth, null or not.

    A key that may be misspelt gets a remark in ``fields.problems`` with the name that may be meant.
    Unknown keys are no problems: Workers of other versions had others, and they would change nothing here.
    """
    names = list[str]()
    for key, value in fields.values.items():
        if key not in options:
            close = get_close_matches(key, [*options], n=1, cutoff=0.8)
            if close:
                place = fields.below(key)
                fields.problems.remark(place, f"no such option. Did you mean {close[0]!r}?")
            names.append(clipped(fields.below(key))[1:-1])
        elif (below := options[key]) and isinstance(value, Mapping):
            part = Fields.of(fields.below(key), value, fields.problems, names=below)
            names += _unknown(part, below) if part else []
    return names


def _ignored(fields: Fields | None, options: Options) -> list[str]:
    """The dotted names, as written, of options that exist, are set (not null), and have no effect here.

    Of ``object_level`` its suboptions are listed, without the task's name; of other nested options the name alone.
    Empty without ``fields``.
    """
    if fields is None:
        return []
    names = list[str]()
    for key, value in fields.values.items():
        if key == "object_level" and isinstance(value, Mapping):
            suboptions = dict.fromkeys(OBJECT_LEVEL - {"task_name"})
            # Problems of its own: those of the suboptions are noted where they are read.
            part = Fields.of(fields.below(key), value, Problems(), names=OBJECT_LEVEL)
            names += _ignored(part, suboptions)
        elif value is not None and key in options and key not in HONOURED:
            names.append(fields.below(key))
    return names


def _worker(worker: Fields | None, lightly: Fields | None) -> Worker:
    """The options that have an effect; the defaults where a part is None, or an option is null or wrong.

    A wrong value is a problem. ``seed`` is Lightly's own, from ``lightly``; all others are the worker's.
    """
    seed = lightly.integer("seed", 0) if lightly else None
    if worker is None:
        return Worker(seed=seed)
    return Worker(
        relevant_filenames_file=_name(worker, "relevant_filenames_file"),
        selected_sequence_length=_sequence(worker),
        embeddings=_name(worker, "embeddings"),
        normalize_embeddings=worker.flag("normalize_embeddings", default=True),
        use_datapool=worker.flag("use_datapool", default=False),
        pretagging=worker.flag("pretagging", default=False),
        object_level_task=_object_task(worker),
        seed=seed,
    )


def _sequence(worker: Fields) -> int | None:
    """The number of frames per sample, at least 2; None for 1, which is no sequence, and where it is not set.

    What is no integer of at least 1 is a problem, and gives None.
    """
    length = worker.integer("selected_sequence_length", 1)
    return None if length == 1 else length


def _name(fields: Fields, key: str) -> str | None:
    """The text of an option; None where it is not set or empty, which is Lightly's word for none.

    A value that is no text, or cannot be a name in SQL, is a problem, and gives None.
    """
    return None if fields.values.get(key) == "" else fields.text(key)


def _object_task(worker: Fields) -> str | None:
    """The task whose objects are the samples, ``object_level.task_name``; None where it is not set or empty.

    Another value than an object with a valid name of a task is a problem, and gives None.
    """
    if not worker.has("object_level"):
        return None
    place, value = worker.below("object_level"), worker.values["object_level"]
    # The keys of an object were noted by ``_unknown``: not a second time.
    problems = Problems() if isinstance(value, Mapping) else worker.problems
    below = Fields.of(place, value, problems, names=OBJECT_LEVEL)
    if below is None or below.values.get("task_name") in (None, ""):
        return None
    return replace(below, problems=worker.problems).text("task_name", pattern=TASK)
