"""Restricts the data to what a configuration selects from: objects, listed files, a tag, runs of frames."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from sqlsel.catalog.database import define_scores, is_one_of
from sqlsel.catalog.pool_views import objects_of, sequences
from sqlsel.catalog.tags import condition
from sqlsel.config import Faults, SelectionConfig
from sqlsel.config.entry_inputs import Embeddings, Metadata
from sqlsel.errors import CatalogError, ConfigError
from sqlsel.jobs.pools import Pool, first_notes, require_dataset
from sqlsel.readers import Report
from sqlsel.readers.relevant import RelevantFiles


def restrict_pool(
    con: duckdb.DuckDBPyConnection,
    config: SelectionConfig,
    pool: Pool,
    tag: str | None,
    faults: Faults,
) -> tuple[Pool, SelectionConfig]:
    """The part of the pool to select from, and the configuration with its budget in samples of that part.

    They differ where samples are sequences: the budget of a configuration counts frames. ``tag``: the pool's.
    """
    worker, adapted = config.worker, config
    with faults.at():
        _check_crops(config, pool)
    embeds = any(isinstance(entry.input, Embeddings) for entry in config.strategies)
    pool = _restrict_samples(con, pool, worker, tag, embeds=embeds, faults=faults)
    length = worker.selected_sequence_length
    if length is None:
        return pool, config
    if tag is not None:
        with faults.at():
            raise ConfigError("a tag as the pool would tear sequences; give only one of the two")
    with faults.at("worker_config.selected_sequence_length"):
        adapted = _budget_in_sequences(con, config, pool, length)
        pool = _sequences_as_samples(con, pool, length, _categories(config))
    return pool, adapted


def _check_crops(config: SelectionConfig, pool: Pool) -> None:
    """CatalogError where ``lightly.*`` of objects is needed and there are no crops.

    At object level these measures are those of the cropped object, not of its whole image.
    """
    task = config.worker.object_level_task
    keys = [e.input.key for e in config.strategies if isinstance(e.input, Metadata)]
    keys = [key for key in keys if key.startswith("lightly.")]
    if task is None or pool.dataset is None or not keys:
        return
    if f"crops_{task}" not in pool.dataset.tables():
        raise CatalogError(
            f"{keys[0]} at object level is that of the crop, and the objects of {task!r} are not "
            f"cropped; crop and measure them: sqlsel crops {task} --images DIR -o DIR --db FILE"
        )


def _restrict_samples(
    con: duckdb.DuckDBPyConnection,
    pool: Pool,
    worker: Any,
    tag: str | None,
    *,
    embeds: bool,
    faults: Faults,
) -> Pool:
    """The pool after the filters of the worker's configuration and ``tag``: objects, file names, samples.

    ``embeds``: whether vectors are needed. What is missing is noted in ``faults``.
    """
    if worker.object_level_task is not None:
        with faults.at("worker_config.object_level.task_name"):
            pool = _objects_as_samples(con, pool, worker.object_level_task, embeds=embeds)
        faults.check()  # raises: without these rows every later check would report a missing column
    if worker.relevant_filenames_file is not None:
        with faults.at("worker_config.relevant_filenames_file"):
            pool = _listed_in_file(con, pool, worker.relevant_filenames_file)
    if tag is not None:
        with faults.at():
            pool = _in_tag(con, pool, tag)
    return pool


def _objects_as_samples(
    con: duckdb.DuckDBPyConnection, pool: Pool, task: str, *, embeds: bool
) -> Pool:
    """The objects of a task as the samples; CatalogError where vectors are needed and they have none."""
    dataset = require_dataset(pool, "object_level")
    pool = pool.part(con, objects_of(dataset, task))
    if embeds and "embedding" not in pool.source.columns:
        raise CatalogError(
            f"task {task!r} has no vectors of its objects; make them with sqlsel crops {task} "
            "--model FILE.onnx --images DIR -o DIR --db FILE, or import them with "
            f"sqlsel import vectors FILE --task {task}"
        )
    return pool


def _listed_in_file(con: duckdb.DuckDBPyConnection, pool: Pool, name: str) -> Pool:
    """The samples whose ``file_name`` is listed in the file ``name``; a note counts lines that match no sample."""
    file = _find_relevant_file(con, pool, name)
    relevant, report = RelevantFiles(file), Report()
    names = _relevant_names(con, pool, relevant)
    among = is_one_of(con, "file_name", "sqlsel_relevant", names)
    pool = pool.part(con, f"(FROM {pool.source.sql} WHERE {among})")
    relevant.report_missing(file, report)
    return replace(pool, notes=(*pool.notes, *first_notes(report.lines())))


def _find_relevant_file(con: duckdb.DuckDBPyConnection, pool: Pool, name: str) -> Path:
    """The path of the file ``name``: in the folder of images, in the working directory, or beside the catalogue.

    ConfigError, which lists the folders, where there is none.
    """
    places: list[Path] = [Path(name)]
    if pool.folder is not None:
        places = [pool.folder / ".lightly" / name, pool.folder / name, Path(name)]
    text = "SELECT path FROM duckdb_databases() WHERE database_name = current_database()"
    if (database := con.execute(text).fetchall()[0][0]) is not None:
        beside = Path(database).parent
        below = sorted(beside.glob("*/.lightly")) if not Path(name).is_absolute() else []
        named = [one for one in below if pool.dataset and one.parent.name == pool.dataset.name]
        # Of several .lightly folders beside the catalogue it would be a guess which one is meant.
        folders = [
            beside,
            beside / ".lightly",
            *(named or below if len(named or below) == 1 else []),
        ]
        places += [folder / name for folder in folders]
    for place in places:
        if place.is_file():
            return place
    where = ", ".join(dict.fromkeys(str(place.parent) for place in places))
    raise ConfigError(
        f"worker_config.relevant_filenames_file: {name}: no such file in {where}; give its path"
    )


def _relevant_names(
    con: duckdb.DuckDBPyConnection, pool: Pool, relevant: RelevantFiles
) -> list[str]:
    """The file names of the data that the list allows."""
    if "file_name" not in pool.source.columns:
        raise CatalogError("relevant_filenames_file needs a column 'file_name' in the data")
    rows = con.execute(f"SELECT DISTINCT file_name FROM {pool.source.sql}").fetchall()
    return [row[0] for row in rows if relevant.includes(row[0])]


def _in_tag(con: duckdb.DuckDBPyConnection, pool: Pool, tag: str) -> Pool:
    """The samples of a tag; CatalogError where there are none."""
    where = condition(require_dataset(pool, "a tag as the pool"), tag)
    pool = pool.part(con, f"(FROM {pool.source.sql} WHERE {where})")
    if not con.execute(f"FROM {pool.source.sql} LIMIT 1").fetchall():
        raise CatalogError(f"the pool is empty: no sample of the data is in tag {tag!r}")
    return pool


def _categories(config: SelectionConfig) -> set[str]:
    """The metadata keys that BALANCE uses: their values are categories, even where they are numbers."""
    return {
        entry.input.key
        for entry in config.strategies
        if isinstance(entry.input, Metadata) and entry.strategy.takes == "classes"
    }


def _budget_in_sequences(
    con: duckdb.DuckDBPyConnection, config: SelectionConfig, frames: Pool, length: int
) -> SelectionConfig:
    """The configuration with its budget of frames as a budget of sequences of ``length`` frames.

    A number must be a multiple of ``length`` (else ConfigError); a proportion is rounded up, at least to one.
    """
    if config.n_samples is not None:
        if config.n_samples % length:
            raise ConfigError(
                f"n_samples counts frames: {config.n_samples} is no multiple of "
                f"selected_sequence_length ({length})"
            )
        return replace(config, n_samples=config.n_samples // length)
    if config.proportion_samples is None:
        return config  # a configuration without a budget is already noted as faulty
    count = con.execute(f"SELECT count(*) FROM {frames.source.sql}").fetchall()[0][0]
    n_frames = int(Decimal(str(config.proportion_samples)) * count + Decimal("0.5"))
    return replace(config, n_samples=max(1, -(-n_frames // length)), proportion_samples=None)


def _sequences_as_samples(
    con: duckdb.DuckDBPyConnection, pool: Pool, length: int, categories: Collection[str]
) -> Pool:
    """Runs of ``length`` consecutive frames of a video as the samples; a note counts frames left over.

    The values of ``categories`` are joined as classes, all other numbers as numbers.
    """
    for name in ("sequence_id", "file_name"):
        if name not in pool.source.columns:
            raise CatalogError(
                f"selected_sequence_length: the data has no column {name!r}; it needs a dataset"
            )
    define_scores(con)
    made = pool.part(con, sequences(pool.source.sql, pool.source.columns, length, categories))
    counts = [
        int(con.execute(f"SELECT count(*) FROM {p.source.sql}").fetchall()[0][0])
        for p in (pool, made)
    ]
    notes = [f"a sample is a run of {length} frames"]
    if left := counts[0] - length * counts[1]:
        notes.append(
            f"{left:,} frames are left over: the last of their sequence, fewer than {length}"
        )
    return replace(made, notes=(*pool.notes, *notes))
