"""Keeps the picks of a run as a tag of its dataset, with the record of the run, in one transaction."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from sqlsel.catalog import transaction
from sqlsel.catalog.tags import RunRecord, check_new, save_tag, tag_names
from sqlsel.errors import CatalogError
from sqlsel.pools import DATAPOOL

if TYPE_CHECKING:
    from sqlsel.compiling import Compiled
    from sqlsel.config import SelectionConfig
    from sqlsel.result import Result


def tag_of(config: SelectionConfig, tag: str | None) -> str | None:
    """The tag to write: as asked, else what the configuration says."""
    return tag or config.tag or (DATAPOOL if config.worker.use_datapool else None)


def check_tag(compiled: Compiled, tag: str | None, *, append: bool) -> None:
    """CatalogError, before the work, where the tag could not be written after it."""
    name = tag_of(compiled.config, tag)
    if name is None:
        return
    dataset = compiled.pool.dataset
    if dataset is None:
        raise CatalogError(f"tag {name!r}: a tag needs a dataset; make one with sqlsel import")
    if not (_grows(compiled, name, append=append) and name in tag_names(dataset)):
        check_new(dataset, name)


def keep(compiled: Compiled, found: Result, tag: str | None, *, append: bool) -> str | None:
    """Store the picks and the run; gives the name of the tag, None where none was asked."""
    name, dataset = tag_of(compiled.config, tag), compiled.pool.dataset
    if name is None or dataset is None:
        return None
    picks = found.arrow().select(["sample_id", "rank", "gain"])
    config = compiled.config
    record = RunRecord(
        statement=compiled.statement,
        config=json.dumps(config.given, ensure_ascii=False, default=str),
        seed=config.worker.seed,
        embedding=", ".join(dataset.models()) or None,
        facts=found.facts[-1],
        version=version("sqlsel"),
    )
    grows = _grows(compiled, name, append=append)
    with transaction(dataset.con):
        save_tag(dataset, name, picks, record=record, parent=config.preselected_tag, append=grows)
    return name


def _grows(compiled: Compiled, name: str, *, append: bool) -> bool:
    """Whether a tag of this name may exist, and gets the picks beside what it has."""
    config: Any = compiled.config
    return (
        append
        or name == config.preselected_tag
        or (name == DATAPOOL and config.worker.use_datapool)
    )
