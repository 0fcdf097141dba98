"""Measures the images of a folder before the selection, where a configuration uses ``lightly.*`` and it is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb

from sqlsel.catalog.dataset import MEASURES
from sqlsel.config import SelectionConfig
from sqlsel.config.entry_inputs import Metadata
from sqlsel.jobs.pools import Pool, first_notes
from sqlsel.process.progress_line import progress_line

SAMPLE = 8  # images that show whether a folder can be measured
_PREFIX = "lightly."


def unmeasured(config: SelectionConfig, columns: Mapping[str, Any]) -> list[str]:
    """The metadata keys (``lightly.sharpness`` …) that a configuration uses and the data does not have yet."""
    if config.worker.object_level_task is not None:
        return []  # those of crops; a folder of whole images has none
    kind = columns.get("lightly")
    measured = (
        {name for name, _ in kind.children} if kind is not None and kind.id == "struct" else ()
    )
    keys = [e.input.key for e in config.strategies if isinstance(e.input, Metadata)]
    parts = {key: key.removeprefix(_PREFIX).partition("[")[0] for key in keys}
    return [
        key
        for key, part in parts.items()
        if key.startswith(_PREFIX) and part in MEASURES and part not in measured
    ]


def with_measures(
    con: duckdb.DuckDBPyConnection,
    config: SelectionConfig,
    pool: Pool,
    *,
    sample: bool = False,
    quiet: bool = False,
) -> Pool:
    """The pool, a folder of images measured where the configuration needs it; other data is returned as it is.

    ``sample``: only the first images, enough to see whether the folder can be measured. Without Pillow
    nothing is measured; the error on the missing key, which comes later, says how to install it.
    """
    if pool.folder is None or pool.dataset is None or not unmeasured(config, pool.source.columns):
        return pool
    if find_spec("PIL") is None:
        return pool
    lines = measure_images(con, pool.folder, pool.dataset.name, sample=sample, quiet=quiet)
    notes = () if sample else first_notes(lines)
    return replace(pool.part(con, pool.dataset.view), notes=(*pool.notes, *notes))


def measure_images(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    name: str,
    *,
    sample: bool = False,
    quiet: bool = False,
) -> list[str]:
    """Measure the new and changed images of a folder into the dataset ``name``; gives lines on what was left out."""
    from sqlsel.images.work.image_folder import open_folder
    from sqlsel.images.work.measuring import measure_folder
    from sqlsel.images.work.work_report import no_progress

    opened = open_folder(con, folder, name)
    if sample:
        opened = replace(opened, listed=opened.listed.slice(0, SAMPLE))
    report, remove = progress_line(
        quiet=quiet, what="{done:,} of {total:,} images measured, {rate:.1f} images/s"
    )
    try:
        measure_folder(opened, progress=report or no_progress)
    finally:
        remove()
    return opened.report.lines()
