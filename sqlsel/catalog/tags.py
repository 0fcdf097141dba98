"""Tags: stored selections of a dataset, each with the run that made it."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from sqlsel.catalog.database import registered
from sqlsel.catalog.dataset import Dataset
from sqlsel.errors import CatalogError, unknown
from sqlsel.sqltext.quoting import literal

ALL_SAMPLES = "initial-tag"
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9 .:;=@_-]+")


@dataclass(frozen=True)
class RunRecord:
    """The record of a run, stored in the table ``runs``; ``facts`` are those of the selection."""

    statement: str
    config: str | None
    seed: int | None
    embedding: str | None
    facts: Any
    version: str

    def row(self, run_id: str) -> list[Any]:
        """The values of a row of the table ``runs``, in the order of its columns."""
        facts = self.facts
        fulfilment = [line.texts()._asdict() for line in facts.fulfilment]
        return [
            run_id, datetime.now(UTC), self.statement, self.config, self.version, self.seed,
            facts.n_input, facts.n_candidates, facts.n_asked, facts.n_selected, facts.stopped_by,
            facts.seconds, self.embedding, fulfilment or None, list(facts.notes),
        ]  # fmt: skip


def tag_names(dataset: Dataset) -> list[str]:
    """The names of the tags of a dataset, oldest first, without ``initial-tag``."""
    rows = dataset.con.execute(
        f"SELECT tag FROM {dataset.table('tag_names')} ORDER BY created ASC NULLS LAST, tag ASC"
    )
    return [row[0] for row in rows.fetchall()]


def condition(dataset: Dataset, tag: str) -> str:
    """A SQL condition on sample_id that holds for the samples of the tag; CatalogError for an unknown tag."""
    if tag == ALL_SAMPLES:
        return "true"
    names = tag_names(dataset)
    if tag not in names:
        raise CatalogError(unknown("tag", tag, [*names, ALL_SAMPLES]))
    return (
        f"sample_id IN (SELECT sample_id FROM {dataset.table('tags')} WHERE tag = {literal(tag)})"
    )


def check_new(dataset: Dataset, tag: str) -> None:
    """CatalogError where the tag exists or is not a valid name."""
    if not _NAME.fullmatch(tag) or len(tag) < 3:
        raise CatalogError(
            f"a tag cannot be called {tag!r}: at least 3 of letters, digits and ' .:;=@_-', "
            "a letter or digit first"
        )
    if tag == ALL_SAMPLES or tag in tag_names(dataset):
        raise CatalogError(
            f"tag {tag!r} exists; choose another name, or delete it, or append to it"
        )


def check_level(dataset: Dataset, tag: str, *, objects: bool) -> None:
    """CatalogError where a tag of samples would get objects, or a tag of objects samples."""
    samples = f"sample_id IN (SELECT sample_id FROM {dataset.table('samples')})"
    wrong = samples if objects else f"NOT {samples}"
    text = f"SELECT 1 FROM {dataset.table('tags')} WHERE tag = ? AND {wrong} LIMIT 1"
    if dataset.con.execute(text, [tag]).fetchall():
        level, new_level = ("samples", "objects") if objects else ("objects", "samples")
        raise CatalogError(
            f"tag {tag!r} holds {level}, and would get {new_level}; choose another tag"
        )


def free_name(dataset: Dataset) -> str:
    """A name that no tag has: the date (UTC) and a number from 1, ``2026-01-31-1``."""
    day, taken = datetime.now(UTC).strftime("%Y-%m-%d"), set(tag_names(dataset))
    return next(name for i in range(1, 1 << 20) if (name := f"{day}-{i}") not in taken)


def save_run(dataset: Dataset, record: RunRecord) -> str:
    """Store the record of a run; gives its id."""
    run_id = uuid.uuid4().hex
    row = record.row(run_id)
    places = ", ".join("?" for _ in row)
    dataset.con.execute(f"INSERT INTO {dataset.table('runs')} VALUES ({places})", row)
    return run_id


def save_tag(
    dataset: Dataset,
    tag: str,
    picks: pa.Table,
    *,
    run_id: str | None = None,
    parent: str | None = None,
    append: bool = False,
) -> None:
    """Store picks (sample_id, rank, gain) as a tag; the caller holds the transaction.

    ``append``: add them to the tag if it exists, else to a copy of ``parent``; ranks go on behind the last.
    Without it the tag must be new (CatalogError).
    """
    con = dataset.con
    if not (append and tag in tag_names(dataset)):
        check_new(dataset, tag)
        con.execute(
            f"INSERT INTO {dataset.table('tag_names')} VALUES (?, ?, ?)",
            [tag, parent or ALL_SAMPLES, datetime.now(UTC)],
        )
        if append and parent is not None:
            con.execute(
                f"INSERT INTO {dataset.table('tags')} SELECT ?, sample_id, rank, gain, run_id "
                f"FROM {dataset.table('tags')} WHERE tag = ?",
                [tag, parent],
            )
    tags = dataset.table("tags")
    with registered(con, picks) as name:
        con.execute(
            f"INSERT INTO {tags} SELECT ?, sample_id, rank + coalesce((SELECT max(rank) FROM {tags} "
            f"WHERE tag = ?), 0), gain, ? FROM {name} "
            f"ANTI JOIN (SELECT sample_id FROM {tags} WHERE tag = ?) USING (sample_id)",
            [tag, tag, run_id, tag],
        )


def save_first(dataset: Dataset, tag: str, source: str, first: int | None) -> int:
    """Store the ``first`` samples by rank (None: all) of the tag ``source`` as a new tag; gives how many they are.

    The caller holds the transaction. CatalogError for an unknown ``source``, a ``tag`` that exists, and more samples
    than ``source`` has.
    """
    con, tags, names = dataset.con, dataset.table("tags"), dataset.table("tag_names")
    if source == ALL_SAMPLES:
        raise CatalogError(f"{ALL_SAMPLES!r} is all samples, which have no ranks")
    condition(dataset, source)
    check_new(dataset, tag)
    count = con.execute(f"SELECT count(*) FROM {tags} WHERE tag = ?", [source]).fetchall()[0][0]
    if first is not None and first > count:
        raise CatalogError(f"tag {source!r} has {count:,} samples, fewer than {first:,}")
    con.execute(
        f"INSERT INTO {names} SELECT ?, parent, ? FROM {names} WHERE tag = ?",
        [tag, datetime.now(UTC), source],
    )
    con.execute(
        f"INSERT INTO {tags} SELECT ?, sample_id, rank, gain, run_id FROM {tags} WHERE tag = ? "
        "ORDER BY rank ASC NULLS LAST, sample_id ASC LIMIT ?",
        [tag, source, count if first is None else first],
    )
    return int(count if first is None else first)


def tag_table(dataset: Dataset) -> pa.Table:
    """A row per tag: tag, samples (their number), parent, created, asked (budget of the run), stopped_by."""
    tags, runs = dataset.table("tags"), dataset.table("runs")
    return dataset.con.sql(
        f"SELECT {literal(ALL_SAMPLES)} AS tag, count(*) AS samples, NULL::VARCHAR AS parent, "
        "NULL::TIMESTAMPTZ AS created, NULL::BIGINT AS asked, NULL::VARCHAR AS stopped_by "
        f"FROM {dataset.table('samples')} UNION ALL "
        "(SELECT n.tag, count(t.sample_id), n.parent, n.created, max(r.n_asked), "
        f"any_value(r.stopped_by) FROM {dataset.table('tag_names')} AS n LEFT JOIN {tags} AS t "
        f"USING (tag) LEFT JOIN {runs} AS r USING (run_id) GROUP BY ALL ORDER BY n.created ASC NULLS LAST, n.tag ASC)"
    ).to_arrow_table()


def samples(dataset: Dataset, tag: str, *, without_parent: bool = False) -> pa.Table:
    """The samples of a tag by rank: sample_id, rank, gain; ``without_parent``: only those that its parent lacks."""
    con, tags = dataset.con, dataset.table("tags")
    where = condition(dataset, tag)
    if tag == ALL_SAMPLES:
        text = f"SELECT sample_id, NULL::BIGINT AS rank, NULL::DOUBLE AS gain FROM {dataset.table('samples')}"
        return con.sql(f"{text} WHERE {where} ORDER BY sample_id ASC").to_arrow_table()
    more = ""
    if without_parent:
        parent = con.execute(
            f"SELECT parent FROM {dataset.table('tag_names')} WHERE tag = ?", [tag]
        ).fetchall()[0][0]
        if parent != ALL_SAMPLES:
            more = f" AND NOT ({condition(dataset, parent)})"
    return con.sql(
        f"SELECT sample_id, rank, gain FROM {tags} WHERE tag = ?{more} "
        "ORDER BY rank ASC NULLS LAST, sample_id ASC",
        params=[tag],
    ).to_arrow_table()


def tag_difference(dataset: Dataset, before: str, after: str) -> pa.Table:
    """The samples in only one of two tags: change ('added': only in ``after``, or 'removed') and sample_id."""
    first, second = (_ids(dataset, tag) for tag in (before, after))
    return dataset.con.sql(
        f"SELECT 'added' AS change, sample_id FROM ({second} EXCEPT {first}) UNION ALL "
        f"SELECT 'removed', sample_id FROM ({first} EXCEPT {second}) ORDER BY change ASC, sample_id ASC"
    ).to_arrow_table()


def _ids(dataset: Dataset, tag: str) -> str:
    """The query of a tag's ids; CatalogError where there is no such tag."""
    condition(dataset, tag)
    if tag == ALL_SAMPLES:
        return f"SELECT sample_id FROM {dataset.table('samples')}"
    return f"SELECT sample_id FROM {dataset.table('tags')} WHERE tag = {literal(tag)}"


def delete_tag(dataset: Dataset, tag: str) -> int:
    """Delete a tag, but not the record of its run; gives how many samples it had."""
    if tag == ALL_SAMPLES:
        raise CatalogError(f"{ALL_SAMPLES!r} is all samples; it cannot be deleted")
    condition(dataset, tag)  # an error for an unknown tag
    count = dataset.con.execute(
        f"DELETE FROM {dataset.table('tags')} WHERE tag = ?", [tag]
    ).fetchall()[0][0]
    dataset.con.execute(f"DELETE FROM {dataset.table('tag_names')} WHERE tag = ?", [tag])
    return int(count)


def check_samples(dataset: Dataset, names: Sequence[str]) -> None:
    """CatalogError for names that are no samples of the dataset."""
    table = pa.table({"sample_id": pa.array(names, pa.string())})
    with registered(dataset.con, table) as name:
        unknown_ids = dataset.con.execute(
            f"SELECT sample_id FROM {name} ANTI JOIN {dataset.table('samples')} "
            "USING (sample_id) ORDER BY sample_id ASC LIMIT 4"
        ).fetchall()
    if unknown_ids:
        examples = ", ".join(json.dumps(row[0], ensure_ascii=False) for row in unknown_ids[:3])
        raise CatalogError(
            f"no sample of dataset {dataset.name!r}: {examples}{', …' if len(unknown_ids) > 3 else ''}"
        )
