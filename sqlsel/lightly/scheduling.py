"""Runs a job on a dataset: imports its folder, measures images, selects, stores the tag."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shlex import quote
from typing import Any

import duckdb

from sqlsel.api import run_compiled
from sqlsel.catalog import Dataset, transaction
from sqlsel.catalog.imports import import_folder
from sqlsel.catalog.tags import save_run
from sqlsel.config import SelectionConfig
from sqlsel.config.documents import read_config
from sqlsel.config.entry_inputs import Embeddings, Predictions, Scores
from sqlsel.duckdb.result import Result
from sqlsel.errors import CatalogError
from sqlsel.feed.statements import others
from sqlsel.images.work import needs
from sqlsel.jobs.compiler import Compiled, Options, compile_config
from sqlsel.jobs.missing_measures import measure_images, unmeasured
from sqlsel.jobs.pools import first_notes, source_of
from sqlsel.jobs.run_record import GENERATED, check_tag, record_of, store_run
from sqlsel.lightly.store import Record, runs
from sqlsel.process.progress_line import progress_line


@dataclass(frozen=True)
class FinishedRun:
    """A finished run: its id, tags (none where nothing was picked), numbers of samples, and notes for the user."""

    run_id: str
    tags: list[str]
    n_picked: int
    n_asked: int | None
    notes: tuple[str, ...]


def schedule(
    con: duckdb.DuckDBPyConnection, record: Record, job: dict[str, Any], *, db: Path, quiet: bool
) -> FinishedRun:
    """Run the job (a configuration) on the dataset of ``record``. Errors list all that is wrong, with paths of keys."""
    parsed = read_config(job, others())
    notes = _import_folder(con, record)
    dataset = Dataset(con, record.name)
    _check_inputs(parsed, dataset, record, db)
    notes += _measure(con, parsed, record, dataset, quiet=quiet)
    compiled = compile_config(
        con,
        parsed,
        record.name,
        in_database=True,
        options=Options(),
        check=partial(check_tag, tag=GENERATED, append=False),
    )
    result = _select(con, compiled, quiet=quiet)
    tags = store_run(compiled, result.arrow, result.facts[-1], GENERATED, append=False)
    if not tags:  # a run without picks makes no tag, yet scripts ask for it by its id
        with transaction(con):
            save_run(dataset, record_of(compiled, result.facts[-1]))
    facts = result.facts[-1]
    notes += [*compiled.hints, *facts.notes]
    run_id = runs(con, record)[-1][0]
    return FinishedRun(run_id, tags, facts.n_selected, facts.n_asked, tuple(dict.fromkeys(notes)))


def _import_folder(con: duckdb.DuckDBPyConnection, record: Record) -> list[str]:
    """Import new and changed files of the dataset's folder; gives notes on what was left out.

    ValueError for a dataset that has neither a folder nor samples.
    """
    if record.input is None:
        if Dataset(con, record.name).count():
            return []
        raise ValueError(
            f"dataset {record.name!r} has no folder yet: call set_local_config(relative_path='FOLDER')"
        )
    folder = Path(record.lightly or record.input)
    lightly = folder if folder.name == ".lightly" else folder / ".lightly"
    imported = import_folder(con, Path(record.input), record.name, lightly=lightly)
    return [*first_notes(imported.report.lines())]


def _check_inputs(parsed: SelectionConfig, dataset: Dataset, record: Record, db: Path) -> None:
    """CatalogError with the commands that make the vectors and predictions which are missing."""
    inputs = [entry.input for entry in parsed.strategies]
    images = quote(record.input or "IMAGES")
    end = f"--db {quote(str(db))} --name {quote(record.name)}"
    lines = []
    task = parsed.worker.object_level_task
    image_vectors = [one for one in inputs if isinstance(one, Embeddings) and one.task is None]
    if image_vectors and task is None and not set(dataset.models()) - set(dataset.tasks()):
        lines.append(
            f"the images have no vectors; make them: sqlsel embed {images} --model FILE.onnx {end}"
        )
    tasks = [one.task for one in inputs if isinstance(one, (Scores, Predictions))]
    lines += [
        f"there are no predictions of task {name!r}; put them into .lightly/predictions/{name}, "
        f"or make them: sqlsel predict {images} --model FILE.onnx --task {name} {end}"
        for name in dict.fromkeys([*tasks, task])
        if name is not None and name not in dataset.tasks()
    ]
    if lines:
        raise CatalogError(*lines)


def _measure(
    con: duckdb.DuckDBPyConnection,
    parsed: SelectionConfig,
    record: Record,
    dataset: Dataset,
    *,
    quiet: bool,
) -> list[str]:
    """Measure the images where the job uses ``lightly.*`` and it is missing; gives notes on what was left out."""
    if record.input is None or not unmeasured(parsed, source_of(con, dataset.view).columns):
        return []
    needs("images")
    return [*first_notes(measure_images(con, Path(record.input), record.name, quiet=quiet))]


def _select(con: duckdb.DuckDBPyConnection, compiled: Compiled, *, quiet: bool) -> Result:
    """Run the statement with a line of progress on a terminal."""
    report, remove = progress_line(quiet=quiet)
    try:
        return run_compiled(con, compiled, progress=report)
    finally:
        remove()
