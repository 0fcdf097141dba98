"""The part of the data that a configuration selects from: objects, names, a tag, runs of frames."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from sqlsel.catalog.database import define_scores, in_table
from sqlsel.catalog.pool_views import objects_of, sequences
from sqlsel.catalog.tags import condition
from sqlsel.config import Faults, SelectionConfig
from sqlsel.config.entry_inputs import Embeddings, Metadata
from sqlsel.errors import CatalogError, ConfigError
from sqlsel.jobs.pools import Pool, needed, shortened
from sqlsel.readers import Report
from sqlsel.readers.relevant import Relevant


def narrowed(
    con: duckdb.DuckDBPyConnection,
    config: SelectionConfig,
    pool: Pool,
    tag: str | None,
    faults: Faults,
) -> tuple[Pool, SelectionConfig]:
    """The part of the pool to select from, and the configuration with the budget that it means there."""
    worker, asked = config.worker, config
    with faults.at():
        _check_crops(config, pool)
    embeds = any(isinstance(entry.input, Embeddings) for entry in config.strategies)
    pool = _restricted(con, pool, worker, tag, embeds=embeds, faults=faults)
    length = worker.selected_sequence_length
    if length is None:
        return pool, config
    if tag is not None:
        with faults.at():
            raise ConfigError("a tag as the pool would tear sequences; give only one of the two")
    with faults.at("worker_config.selected_sequence_length"):
        asked = _budget_in_sequences(con, config, pool, length)
        pool = _in_sequences(con, pool, length, _categories(config))
    return pool, asked


def _check_crops(config: SelectionConfig, pool: Pool) -> None:
    """At object level ``lightly.*`` is measured of the crop; CatalogError where there are no crops."""
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


def _restricted(
    con: duckdb.DuckDBPyConnection,
    pool: Pool,
    worker: Any,
    tag: str | None,
    *,
    embeds: bool,
    faults: Faults,
) -> Pool:
    """The part of the pool that a worker's configuration, and a tag, leave: objects, names, samples.

    ``embeds``: whether vectors will be asked for. What there is not is noted in ``faults``; without
    the objects that are the samples nothing else can be compared with the data.
    """
    if worker.object_level_task is not None:
        with faults.at("worker_config.object_level.task_name"):
            pool = _of_objects(con, pool, worker.object_level_task, embeds=embeds)
        faults.check()
    if worker.relevant_filenames_file is not None:
        with faults.at("worker_config.relevant_filenames_file"):
            pool = _named_in(con, pool, worker.relevant_filenames_file)
    if tag is not None:
        with faults.at():
            pool = _tagged(con, pool, tag)
    return pool


def _of_objects(con: duckdb.DuckDBPyConnection, pool: Pool, task: str, *, embeds: bool) -> Pool:
    dataset = needed(pool, "object_level")
    pool = pool.part(con, objects_of(dataset, task))
    if embeds and "embedding" not in pool.source.columns:
        raise CatalogError(
            f"task {task!r} has no vectors of its objects; make them with sqlsel crops {task} "
            "--model FILE.onnx --images DIR -o DIR --db FILE, or import them with "
            f"sqlsel import vectors FILE --task {task}"
        )
    return pool


def _named_in(con: duckdb.DuckDBPyConnection, pool: Pool, name: str) -> Pool:
    """The samples that the lines of a file name; notes tell of lines that name none."""
    file = _relevant(con, pool, name)
    relevant, report = Relevant(file), Report()
    names = _wanted(con, pool, relevant)
    among = in_table(con, "file_name", "sqlsel_relevant", names)
    pool = pool.part(con, f"(FROM {pool.source.sql} WHERE {among})")
    relevant.report_missing(file, report)
    return replace(pool, notes=(*pool.notes, *shortened(report.lines())))


def _relevant(con: duckdb.DuckDBPyConnection, pool: Pool, name: str) -> Path:
    """The file of this name: in the folder that is read, here, or beside the catalogue."""
    places: list[Path] = [Path(name)]
    if pool.folder is not None:
        places = [pool.folder / ".lightly" / name, pool.folder / name, Path(name)]
    text = "SELECT path FROM duckdb_databases() WHERE database_name = current_database()"
    if (database := con.execute(text).fetchall()[0][0]) is not None:
        beside = Path(database).parent
        below = sorted(beside.glob("*/.lightly")) if not Path(name).is_absolute() else []
        named = [one for one in below if pool.dataset and one.parent.name == pool.dataset.name]
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


def _wanted(con: duckdb.DuckDBPyConnection, pool: Pool, relevant: Relevant) -> list[str]:
    if "file_name" not in pool.source.columns:
        raise CatalogError("relevant_filenames_file needs a column 'file_name' in the data")
    rows = con.execute(f"SELECT DISTINCT file_name FROM {pool.source.sql}").fetchall()
    return [row[0] for row in rows if relevant.wants(row[0])]


def _tagged(con: duckdb.DuckDBPyConnection, pool: Pool, tag: str) -> Pool:
    where = condition(needed(pool, "a tag as the pool"), tag)
    pool = pool.part(con, f"(FROM {pool.source.sql} WHERE {where})")
    if not con.execute(f"FROM {pool.source.sql} LIMIT 1").fetchall():
        raise CatalogError(f"the pool is empty: no sample of the data is in tag {tag!r}")
    return pool


def _categories(config: SelectionConfig) -> set[str]:
    """The metadata keys that are balanced: their values are categories, also where they are numbers."""
    return {
        entry.input.key
        for entry in config.strategies
        if isinstance(entry.input, Metadata) and entry.strategy.takes == "classes"
    }


def _budget_in_sequences(
    con: duckdb.DuckDBPyConnection, config: SelectionConfig, frames: Pool, length: int
) -> SelectionConfig:
    """The budget, which counts frames, as one of sequences."""
    if config.n_samples is not None:
        if config.n_samples % length:
            raise ConfigError(
                f"n_samples counts frames: {config.n_samples} is no multiple of "
                f"selected_sequence_length ({length})"
            )
        return replace(config, n_samples=config.n_samples // length)
    if config.proportion_samples is None:
        return config  # a problem of the configuration that is noted
    count = con.execute(f"SELECT count(*) FROM {frames.source.sql}").fetchall()[0][0]
    wanted = int(Decimal(str(config.proportion_samples)) * count + Decimal("0.5"))
    return replace(config, n_samples=max(1, -(-wanted // length)), proportion_samples=None)


def _in_sequences(
    con: duckdb.DuckDBPyConnection, pool: Pool, length: int, categories: Collection[str]
) -> Pool:
    """Runs of ``length`` frames as samples; a note counts the frames that are left over."""
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
