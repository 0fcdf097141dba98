"""What is selected already: a boolean column, tags, a file of ids, or several of them together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from sqlsel.catalog.database import is_one_of
from sqlsel.catalog.tags import ALL_SAMPLES, condition, tag_names
from sqlsel.errors import CatalogError, unknown
from sqlsel.jobs.pools import Pool
from sqlsel.sqltext.quoting import identifier

_FILE = "sqlsel_preselected"


@dataclass(frozen=True)
class Preselected:
    """What is selected already: a boolean ``column``, or a ``tag``; both None: nothing.

    ``tags``: the SQL condition of each tag of the data. Files of ids and several names at once are
    a tag, too, called after them.
    """

    column: str | None
    tag: str | None
    tags: dict[str, str]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, con: duckdb.DuckDBPyConnection, pool: Pool, names: list[str], key: str | None
    ) -> Preselected:
        """The columns, tags or files that the names in ``names`` mean; CatalogError for an unknown one."""
        tags = {}
        if pool.dataset is not None:
            tags = {tag: condition(pool.dataset, tag) for tag in tag_names(pool.dataset)}
        if not names:
            return cls(None, None, tags)
        if len(names) == 1 and names[0] in pool.source.columns:
            return cls(names[0], None, tags)
        conditions = [_condition(con, pool, name, tags, key) for name in dict.fromkeys(names)]
        name = " + ".join(dict.fromkeys(names))
        # A NULL in a boolean column is no yes, and must not hide that another name has the sample.
        tags[name] = " OR ".join(
            f"coalesce({one}, false)" if conditions[1:] else one for one in conditions
        )
        return cls(None, name, tags, tuple(_notes(con, pool, name, tags[name], key)))


def _condition(
    con: duckdb.DuckDBPyConnection, pool: Pool, name: str, tags: dict[str, str], key: str | None
) -> str:
    """The SQL condition for a name: of a column, a tag or a file of ids; CatalogError for anything else."""
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
        return is_one_of(con, identifier(key), _FILE, [line for line in text.splitlines() if line])
    boolean_columns = [
        column for column, kind in pool.source.columns.items() if kind.id == "boolean"
    ]
    what = "column, tag or file of preselected samples"
    raise CatalogError(unknown(what, name, [*boolean_columns, *tags, ALL_SAMPLES]))


def _notes(
    con: duckdb.DuckDBPyConnection, pool: Pool, name: str, sql: str, key: str | None
) -> list[str]:
    """Notes: how many ids of a file are not in the data, or that no sample of the data is preselected.

    CatalogError where no id of the file is in the data: it is most likely the wrong column or file.
    """
    if _FILE in sql and key is not None:
        ids = f"(SELECT {identifier(key)}::VARCHAR AS name FROM {pool.source.sql})"
        n_unknown, first, n_ids, example = con.execute(
            f"SELECT count(*), min(name), (SELECT count(*) FROM {_FILE}), (SELECT min(name) FROM {ids}) "
            f"FROM {_FILE} ANTI JOIN {ids} USING (name)"
        ).fetchall()[0]
        if n_unknown and n_unknown == n_ids:
            raise CatalogError(
                f"preselected: none of the {n_unknown:,} ids of {name!r} is one of the data, whose ids are "
                f"like {example!r}; the first is {first!r}"
            )
        if n_unknown:
            return [
                f"preselected: {n_unknown:,} ids of {name!r} are none of the data, as {first!r}"
            ]
    n_selected = con.execute(f"SELECT count(*) FROM {pool.source.sql} WHERE {sql}").fetchall()[0][0]
    return [] if n_selected else [f"preselected: none of the samples of the data is in {name!r}"]
