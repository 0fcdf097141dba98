"""A run on the current dataset, from its folder to its tag: read, measured, selected, kept."""

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
class Done:
    """A run that is over: its id, its tags (none where nothing was picked), and what is to be known."""

    run_id: str
    tags: list[str]
    picked: int
    asked: int | None
    notes: tuple[str, ...]


def schedule(
    con: duckdb.DuckDBPyConnection, record: Record, job: dict[str, Any], *, db: Path, quiet: bool
) -> Done:
    """Run a job at once. The errors that it raises list all that is wrong, with the path of each key."""
    parsed = read_config(job, others())
    notes = _read(con, record)
    dataset = Dataset(con, record.name)
    _check_made(parsed, dataset, record, db)
    notes += _measure(con, parsed, record, dataset, quiet=quiet)
    compiled = compile_config(
        con,
        parsed,
        record.name,
        in_database=True,
        options=Options(),
        check=partial(check_tag, tag=GENERATED, append=False),
    )
    found = _selected(con, compiled, quiet=quiet)
    tags = store_run(compiled, found.arrow, found.facts[-1], GENERATED, append=False)
    if not tags:
        with transaction(con):
            save_run(dataset, record_of(compiled, found.facts[-1]))
    facts = found.facts[-1]
    notes += [*compiled.hints, *facts.notes]
    run_id = runs(con, record)[-1][0]
    return Done(run_id, tags, facts.n_selected, facts.n_asked, tuple(dict.fromkeys(notes)))


def _read(con: duckdb.DuckDBPyConnection, record: Record) -> list[str]:
    """The folder into the dataset, as far as it is new or changed; gives what was left out."""
    if record.input is None:
        if Dataset(con, record.name).count():
            return []
        raise ValueError(
            f"dataset {record.name!r} has no folder yet: call set_local_config(relative_path='FOLDER')"
        )
    folder = Path(record.lightly or record.input)
    lightly = folder if folder.name == ".lightly" else folder / ".lightly"
    done = import_folder(con, Path(record.input), record.name, lightly=lightly)
    return [*first_notes(done.report.lines())]


def _check_made(parsed: SelectionConfig, dataset: Dataset, record: Record, db: Path) -> None:
    """CatalogError with the commands that make the vectors and predictions which are missing."""
    inputs = [entry.input for entry in parsed.strategies]
    images = quote(record.input or "IMAGES")
    end = f"--db {quote(str(db))} --name {quote(record.name)}"
    lines = []
    task = parsed.worker.object_level_task
    own = [one for one in inputs if isinstance(one, Embeddings) and one.task is None]
    if own and task is None and not set(dataset.models()) - set(dataset.tasks()):
        lines.append(
            f"the images have no vectors; make them: sqlsel embed {images} --model FILE.onnx {end}"
        )
    asked = [one.task for one in inputs if isinstance(one, (Scores, Predictions))]
    lines += [
        f"there are no predictions of task {name!r}; put them into .lightly/predictions/{name}, "
        f"or make them: sqlsel predict {images} --model FILE.onnx --task {name} {end}"
        for name in dict.fromkeys([*asked, task])
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
    """Measure the pixels that the job asks for and that are not measured yet."""
    if record.input is None or not unmeasured(parsed, source_of(con, dataset.view).columns):
        return []
    needs("images")
    return [*first_notes(measure_images(con, Path(record.input), record.name, quiet=quiet))]


def _selected(con: duckdb.DuckDBPyConnection, compiled: Compiled, *, quiet: bool) -> Result:
    report, remove = progress_line(quiet=quiet)
    try:
        return run_compiled(con, compiled, progress=report)
    finally:
        remove()
