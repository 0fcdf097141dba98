"""One dataset of a catalogue: the names of its tables, and the view that joins them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from sqlsel.catalog.database import check_version
from sqlsel.errors import CatalogError, unknown
from sqlsel.queries import query
from sqlsel.quoting import identifier, literal

DEFAULT_MODEL = "default"
OBJECTS = (
    "object-detection",
    "semantic-segmentation",
    "instance-segmentation",
    "keypoint-detection",
)
MEASURES = ("sharpness", "snr", "sizeInBytes", "luminance", "uniformRowRatio")
RESERVED = ("main", "information_schema", "pg_catalog", "temp", "system")


@dataclass(frozen=True)
class Dataset:
    """A dataset by name; its tables may be asked for in SQL."""

    con: duckdb.DuckDBPyConnection
    name: str

    def table(self, name: str) -> str:
        """A table of the dataset as SQL."""
        return f"{identifier(self.name)}.{identifier(name)}"

    @property
    def view(self) -> str:
        """The relation with everything: metadata, vectors, predictions."""
        return self.table("catalog")

    def tables(self) -> set[str]:
        """The names of its tables."""
        text = "SELECT table_name FROM duckdb_tables() WHERE schema_name = ?"
        return {row[0] for row in self.con.execute(text, [self.name]).fetchall()}

    def models(self) -> dict[str, Any]:
        """The embedding models, the default first, and the type of their vectors."""
        text = (
            "SELECT table_name, data_type FROM duckdb_columns() WHERE schema_name = ? "
            "AND table_name LIKE 'embeddings\\_%' ESCAPE '\\' AND column_name = 'embedding'"
        )
        found = {
            name.removeprefix("embeddings_"): kind
            for name, kind in self.con.execute(text, [self.name]).fetchall()
        }
        return dict(sorted(found.items(), key=lambda one: (one[0] != DEFAULT_MODEL, one[0])))

    def tasks(self) -> dict[str, tuple[str, list[tuple[int, str]]]]:
        """The tasks: their type, and ids and names of their categories in the order of vectors."""
        rows = self.con.execute(f"SELECT name, type, categories FROM {self.table('tasks')}")
        return {
            name: (kind, [(c["id"], c["name"]) for c in categories])
            for name, kind, categories in rows.fetchall()
        }

    def shown(self) -> set[str]:
        """The columns that describe a sample or an object: what a selection shows."""
        own = self._columns("samples")
        return {*own, "parent_id", "object", "category", "score", "bbox", "frames"}

    def count(self) -> int:
        """The number of samples."""
        return int(
            self.con.execute(f"SELECT count(*) FROM {self.table('samples')}").fetchall()[0][0]
        )

    def has_frames(self) -> bool:
        """Whether some samples are frames of videos."""
        text = f"SELECT 1 FROM {self.table('samples')} WHERE frame IS NOT NULL LIMIT 1"
        return bool(self.con.execute(text).fetchall())

    def join(self) -> None:
        """Make the views anew, after tables have come or changed."""
        own, tasks = self._own_columns(), self.tasks()
        columns, joins = [], []
        models = {m: k for m, k in self.models().items() if m not in tasks}
        for i, (model, kind) in enumerate(models.items()):
            name = "embedding" if i == 0 else model
            columns.append(f"e{i}.embedding::{kind} AS {identifier(name)}")
            joins.append(self._joined(f"embeddings_{model}", f"e{i}"))
        for i, task in enumerate(tasks):
            fields = [*own.pop(task, []), *self._packed(task, f"p{i}")]
            columns.append(f"struct_pack({', '.join(fields)}) AS {identifier(task)}")
            joins.append(self._joined(f"predictions_{task}", f"p{i}", as_list=False))
            if self._has_vectors(task):
                joins.append(self._joined(f"embeddings_{task}", f"p{i}_e", as_list=False))
        plain = [self._measured() if n == "lightly" else f"s.{identifier(n)}" for n in own]
        lines = "\n".join(joins)
        self.con.execute(
            f"CREATE OR REPLACE VIEW {self.view} AS\nSELECT {', '.join([*plain, *columns])}\n"
            f"FROM {self.table('samples')} AS s\n{lines}"
        )
        for task, (kind, _) in tasks.items():
            if kind in OBJECTS:
                self._view_objects(task, list(models))

    def _own_columns(self) -> dict[str, list[str]]:
        """The columns of samples; of those that are structs their fields as SQL."""
        relation = self.con.sql(f"FROM {self.table('samples')} LIMIT 0")
        return {
            name: [
                f"{identifier(field)} := s.{identifier(name)}.{identifier(field)}"
                for field, _ in (kind.children if kind.id == "struct" else ())
            ]
            for name, kind in zip(relation.columns, relation.types, strict=True)
        }

    def _measured(self) -> str:
        """What was measured of the images; a key that no sample has is not shown."""
        fields = [f"{identifier(name)}" for name in MEASURES]
        counts = self.con.execute(
            f"SELECT {', '.join(f'count(lightly.{f})' for f in fields)} FROM {self.table('samples')}"
        ).fetchall()[0]
        known = [f for f, count in zip(fields, counts, strict=True) if count] or fields
        return f"struct_pack({', '.join(f'{f} := s.lightly.{f}' for f in known)}) AS lightly"

    def _joined(self, table: str, alias: str, *, as_list: bool = True) -> str:
        """A left join; DuckDB 2.0 fails on FLOAT[n] of rows without a match, so lists are joined."""
        name = self.table(table)
        if as_list:
            name = f"(SELECT sample_id, embedding::FLOAT[] AS embedding FROM {name})"
        return f"LEFT JOIN {name} AS {alias} ON {alias}.sample_id = s.sample_id"

    def _has_vectors(self, task: str) -> bool:
        return f"embeddings_{task}" in self.tables()

    def _packed(self, task: str, alias: str) -> list[str]:
        """The columns of a task's predictions as fields of a struct."""
        fields = [f"{n} := {alias}.{n}" for n in self._columns(f"predictions_{task}")[1:]]
        if self._has_vectors(task):
            fields.append(f"embeddings := {alias}_e.embedding")
        return fields

    def _columns(self, table: str) -> list[str]:
        relation = self.con.sql(f"FROM {self.table(table)} LIMIT 0")
        return list(relation.columns)

    def _view_objects(self, task: str, models: list[str]) -> None:
        """The view of a task's objects; vectors of whole images are none of theirs."""
        own, embedded = f"c.{identifier(task)}.embeddings[c.number]", self._has_vectors(task)
        hidden = [
            "sample_id",
            task,
            "number",
            "one",
            *models[1:],
            *(["embedding"] if models else []),
        ]
        relation = self.con.sql(f"SELECT objects FROM {self.table(f'predictions_{task}')} LIMIT 0")
        boxed = "bbox " in str(relation.types[0]) or '"bbox" ' in str(relation.types[0])
        box = "{'x': c.one.bbox[1], 'y': c.one.bbox[2], 'w': c.one.bbox[3], 'h': c.one.bbox[4]}"
        self.con.execute(
            query("catalog/objects").format(
                d=identifier(self.name),
                objects=identifier(f"objects_{task}"),
                task=identifier(task),
                name=literal(task),
                bbox=f"{box} AS bbox,\n    " if boxed else "",
                embedding=f"{own} AS embedding, " if embedded else "",
                vectors=f"\n        'embeddings': [{own}]," if embedded else "",
                hidden=", ".join(identifier(name) for name in hidden),
            )
        )


def datasets(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The names of all datasets of the database."""
    if check_version(con) is None:
        return []
    text = (
        "SELECT DISTINCT schema_name FROM duckdb_views() WHERE view_name = 'catalog' "
        "AND NOT internal ORDER BY schema_name"
    )
    return [row[0] for row in con.execute(text).fetchall()]


def open_dataset(con: duckdb.DuckDBPyConnection, name: str | None = None) -> Dataset:
    """The dataset of this name, or without a name the only one; else a CatalogError."""
    known = datasets(con)
    if name is None and len(known) == 1:
        return Dataset(con, known[0])
    if name is None and known:
        raise CatalogError(f"there are several datasets: {', '.join(known)}; name one of them")
    if name is None or not known:
        raise CatalogError("the database holds no dataset; make one with sqlsel import")
    if name not in known:
        raise CatalogError(unknown("dataset", name, known))
    return Dataset(con, name)


def create_dataset(con: duckdb.DuckDBPyConnection, name: str) -> Dataset:
    """The dataset of this name, made if it does not exist."""
    for known in datasets(con):
        if name.casefold() == known.casefold():
            return Dataset(con, known)
    if not name or name.casefold() in (*RESERVED, database_of(con).casefold()):
        raise CatalogError(
            f"a dataset cannot be called {name!r}, since its database or DuckDB has that name; "
            "choose another one with --name"
        )
    con.execute(query("catalog/dataset").format(d=identifier(name)))
    made = Dataset(con, name)
    made.join()
    return made


def database_of(con: duckdb.DuckDBPyConnection) -> str:
    """The name that DuckDB gives the database: that of its file, without the ending."""
    return str(con.execute("SELECT current_database()").fetchall()[0][0])
