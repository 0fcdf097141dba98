"""Stores the picks of a run as tags of its dataset, with the record of the run, in one transaction."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from sqlsel.catalog import transaction
from sqlsel.catalog.tags import (
    RunRecord,
    check_level,
    check_new,
    free_name,
    save_run,
    save_tag,
    tag_names,
)
from sqlsel.errors import CatalogError
from sqlsel.jobs.pools import DATAPOOL, Pool

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from sqlsel.config import SelectionConfig
    from sqlsel.jobs.compiler import Compiled


GENERATED = "@"  # stands for a name that sqlsel makes; no tag can be called so


def tags_to_write(config: SelectionConfig, tag: str | None) -> list[str]:
    """The names of the tags to write: ``tag``, else the configuration's; and the datapool where it is used."""
    name = tag if tag is not None else config.tag
    return [
        *([] if name is None else [name]),
        *([DATAPOOL] if config.worker.use_datapool else []),
    ]


def check_tag(config: SelectionConfig, pool: Pool, tag: str | None, *, append: bool) -> None:
    """CatalogError where the tags could not be written; called before the selection, which may take long."""
    if tag is None and pool.temporary:
        return
    for name in tags_to_write(config, tag):
        if pool.dataset is None or pool.temporary:
            raise CatalogError(
                f"tag {name!r}: tags are kept in a catalogue; make one with sqlsel import, "
                "and give --db"
            )
        if name == GENERATED:
            continue  # it will be free
        if _grows(config, name, append=append) and name in tag_names(pool.dataset):
            objects = config.worker.object_level_task is not None
            check_level(pool.dataset, name, objects=objects)
        else:
            check_new(pool.dataset, name)


def store_run(
    compiled: Compiled,
    result: Callable[[], pa.Table],
    facts: Any,
    tag: str | None,
    *,
    append: bool,
) -> list[str]:
    """Store the picks and the run; gives the names of the tags. No picks make no tag.

    ``result`` gives the selection table, and is called where there is a tag to write; ``facts`` are those of the run.
    """
    names, dataset = tags_to_write(compiled.config, tag), compiled.pool.dataset
    picks = result().select(["sample_id", "rank", "gain"]) if names else None
    if picks is None or dataset is None or compiled.pool.temporary or not len(picks):
        return []
    config = compiled.config
    names = [free_name(dataset) if name == GENERATED else name for name in names]
    with transaction(dataset.con):
        run_id = save_run(dataset, record_of(compiled, facts))
        for name in names:
            grows, parent = _grows(config, name, append=append), config.preselected_tag
            save_tag(dataset, name, picks, run_id=run_id, parent=parent, append=grows)
    return names


def record_of(compiled: Compiled, facts: Any) -> RunRecord:
    """The record of a run: its statement, configuration, seed, models, facts and the version of sqlsel."""
    dataset, config = compiled.pool.dataset, compiled.config
    return RunRecord(
        statement=compiled.statement,
        config=json.dumps(config.original, ensure_ascii=False, default=str),
        seed=config.worker.seed,
        embedding=(", ".join(dataset.models()) or None) if dataset else None,
        facts=facts,
        version=f"{version('sqlsel')} (algorithm {facts.algorithm})",
    )


def _grows(config: SelectionConfig, name: str, *, append: bool) -> bool:
    """Whether the picks are added to a tag of this name if it exists; else it must be new."""
    return append or name in (config.preselected_tag, DATAPOOL)
