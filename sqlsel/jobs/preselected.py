"""What is selected already: a boolean column, tags, a file of ids, or several of them together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from sqlsel.catalog.database import in_table
from sqlsel.catalog.tags import ALL_SAMPLES, condition, tag_names
from sqlsel.errors import CatalogError, unknown
from sqlsel.jobs.pools import Pool
from sqlsel.sqltext.quoting import identifier

_FILE = "sqlsel_preselected"


@dataclass(frozen=True)
class Preselected:
    """A column, or the name of a tag; ``tags``: the SQL condition of each tag of the data."""

    column: str | None
    tag: str | None
    tags: dict[str, str]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, con: duckdb.DuckDBPyConnection, pool: Pool, told: list[str], key: str | None
    ) -> Preselected:
        """The columns, tags or files that the names in ``told`` mean; CatalogError for an unknown one."""
        tags = {}
        if pool.dataset is not None:
            tags = {tag: condition(pool.dataset, tag) for tag in tag_names(pool.dataset)}
        if not told:
            return cls(None, None, tags)
        if len(told) == 1 and told[0] in pool.source.columns:
            return cls(told[0], None, tags)
        found = [_condition(con, pool, name, tags, key) for name in dict.fromkeys(told)]
        name = " + ".join(dict.fromkeys(told))
        tags[name] = " OR ".join(f"coalesce({one}, false)" if found[1:] else one for one in found)
        return cls(None, name, tags, tuple(_notes(con, pool, name, tags[name], key)))


def _condition(
    con: duckdb.DuckDBPyConnection, pool: Pool, name: str, tags: dict[str, str], key: str | None
) -> str:
    if name in pool.source.columns:
        return identifier(name)
    if name in tags or name == ALL_SAMPLES:
        return tags.get(name, "true")
    if Path(name).is_file():
        if key is None:
            raise CatalogError(
                "a file of preselected ids needs a column of ids: name it with --id (id=)"
            )
        text = Path(name).read_text(encoding="utf-8-sig")
        return in_table(con, identifier(key), _FILE, [line for line in text.splitlines() if line])
    known = [column for column, kind in pool.source.columns.items() if kind.id == "boolean"]
    what = "column, tag or file of preselected samples"
    raise CatalogError(unknown(what, name, [*known, *tags, ALL_SAMPLES]))


def _notes(
    con: duckdb.DuckDBPyConnection, pool: Pool, name: str, sql: str, key: str | None
) -> list[str]:
    """How many ids of a file are none of the data; whether the data has nothing of all that."""
    if _FILE in sql and key is not None:
        own = f"(SELECT {identifier(key)}::VARCHAR AS name FROM {pool.source.sql})"
        lost, first, every, like = con.execute(
            f"SELECT count(*), min(name), (SELECT count(*) FROM {_FILE}), (SELECT min(name) FROM {own}) "
            f"FROM {_FILE} ANTI JOIN {own} USING (name)"
        ).fetchall()[0]
        if lost and lost == every:
            raise CatalogError(
                f"preselected: none of the {lost:,} ids of {name!r} is one of the data, whose ids are "
                f"like {like!r}; the first is {first!r}"
            )
        if lost:
            return [f"preselected: {lost:,} ids of {name!r} are none of the data, as {first!r}"]
    found = con.execute(f"SELECT count(*) FROM {pool.source.sql} WHERE {sql}").fetchall()[0][0]
    return [] if found else [f"preselected: none of the samples of the data is in {name!r}"]
