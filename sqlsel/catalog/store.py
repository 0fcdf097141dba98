"""Puts samples, predictions and vectors into a dataset: what is new is added, what changed replaced.

All of it runs in the transaction of the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from sqlsel.catalog.database import registered
from sqlsel.catalog.dataset import OBJECTS, Dataset
from sqlsel.errors import CatalogError, unknown
from sqlsel.queries import query
from sqlsel.quoting import identifier

BUILT_IN = ("sample_id", "file_name", "sequence_id", "frame", "lightly", "embedding")
_FIELDS = {
    "classification": ("category_id", "score", "probabilities"),
    "object-detection": ("category_id", "score", "bbox", "probabilities"),
    "semantic-segmentation": ("category_id", "score", "segmentation", "probabilities"),
    "instance-segmentation": ("category_id", "score", "bbox", "segmentation", "probabilities"),
    "keypoint-detection": ("category_id", "score", "bbox", "keypoints", "probabilities"),
}


def unread(dataset: Dataset, kind: str, listed: pa.Table) -> list[str]:
    """Of the ``listed`` files (path, size, modified) those that were not read as they are now."""
    with registered(dataset.con, listed) as name:
        rows = dataset.con.execute(
            f"SELECT path FROM {name} EXCEPT SELECT l.path FROM {name} AS l "
            f"JOIN {dataset.table('files')} AS f ON f.path = l.path AND f.kind = ? "
            "AND f.size = l.size AND f.modified = l.modified",
            [kind],
        ).fetchall()
    return sorted(row[0] for row in rows)


def remember(dataset: Dataset, kind: str, listed: pa.Table, read: Sequence[str]) -> None:
    """Note that the files ``read`` were read as they are ``listed``."""
    files = pa.table({"path": pa.array(read, pa.string())})
    with (
        registered(dataset.con, listed) as name,
        registered(dataset.con, files, "sqlsel_read") as some,
    ):
        dataset.con.execute(
            f"INSERT OR REPLACE INTO {dataset.table('files')} "
            f"SELECT ?, path, size, modified FROM {name} SEMI JOIN {some} USING (path)",
            [kind],
        )


def put_samples(dataset: Dataset, samples: pa.Table) -> tuple[int, int]:
    """Add samples (sample_id, file_name, sequence_id, frame, size): how many are new, and changed."""
    con, table = dataset.con, dataset.table("samples")
    with registered(dataset.con, samples) as name:
        new = con.execute(
            f"INSERT INTO {table} (sample_id, file_name, sequence_id, frame, lightly) "
            "SELECT sample_id, file_name, sequence_id, frame, struct_pack(sharpness := NULL, "
            'snr := NULL, "sizeInBytes" := size, luminance := NULL, "uniformRowRatio" := NULL) '
            f"FROM {name} ANTI JOIN {table} USING (sample_id) ORDER BY sample_id"
        ).fetchall()[0][0]
        changed = con.execute(
            f"UPDATE {table} AS s SET lightly = struct_pack(sharpness := NULL, snr := NULL, "
            '"sizeInBytes" := n.size, luminance := NULL, "uniformRowRatio" := NULL) '
            f"FROM {name} AS n WHERE n.sample_id = s.sample_id AND n.size IS NOT NULL "
            'AND n.size IS DISTINCT FROM s.lightly."sizeInBytes"'
        ).fetchall()[0][0]
    return int(new), int(changed)


def same_metadata(dataset: Dataset, metadata: pa.Table) -> bool:
    """Whether the columns of ``metadata`` are those that the dataset has."""
    with registered(dataset.con, metadata.drop_columns(["sample_id"])) as name:
        new = dataset.con.sql(f"FROM {name} LIMIT 0")
        told = dict(zip(new.columns, map(str, new.types), strict=True))
    have = dataset.con.sql(f"FROM {dataset.table('samples')} LIMIT 0")
    known = dict(zip(have.columns, map(str, have.types), strict=True))
    return told == {name: kind for name, kind in known.items() if name not in BUILT_IN}


def put_metadata(dataset: Dataset, metadata: pa.Table, *, whole: bool) -> int:
    """Set the metadata of the samples in it; ``whole``: its columns replace those that were."""
    con, table = dataset.con, dataset.table("samples")
    names = [name for name in metadata.column_names if name != "sample_id"]
    _check_names(dataset, metadata)
    given = ", ".join(f"m.{identifier(name)}" for name in names)
    own = ", ".join(f"s.{identifier(name)}" for name in BUILT_IN[:-1])
    with registered(dataset.con, metadata) as name:
        if whole:
            con.execute(
                f"CREATE TEMP TABLE sqlsel_samples AS SELECT {own}{', ' + given if given else ''} "
                f"FROM {table} AS s LEFT JOIN {name} AS m USING (sample_id) ORDER BY s.sample_id"
            )
            _replace(dataset, "samples", "sqlsel_samples", key="sample_id")
        elif names:
            values = ", ".join(f"{identifier(n)} = m.{identifier(n)}" for n in names)
            con.execute(
                f"UPDATE {table} AS s SET {values} FROM {name} AS m WHERE m.sample_id = s.sample_id"
            )
    return len(metadata)


def put_task(dataset: Dataset, name: str, kind: str, categories: Sequence[tuple[int, str]]) -> bool:
    """Store a task's schema; give whether it is another one than before."""
    if name in dataset.models():
        raise CatalogError(f"task {name!r}: an embedding model of the dataset has this name")
    own = dataset.con.sql(f"FROM {dataset.table('samples')} LIMIT 0")
    if (
        dict(zip(own.columns, (t.id for t in own.types), strict=True)).get(name, "struct")
        != "struct"
    ):
        raise CatalogError(f"task {name!r}: a metadata key has this name; rename one of them")
    before = dataset.tasks().get(name)
    if before == (kind, list(categories)):
        return False
    told = [{"id": number, "name": text} for number, text in categories]
    dataset.con.execute(
        f"INSERT OR REPLACE INTO {dataset.table('tasks')} VALUES (?, ?, ?)", [name, kind, told]
    )
    return before is not None


def put_predictions(
    dataset: Dataset, task: str, batches: Iterable[pa.RecordBatch], schema: Any
) -> None:
    """Score the predictions in ``batches``, for ``join_predictions`` to put in place."""
    kind = dataset.tasks()[task][0]
    errors: list[BaseException] = []
    reader = pa.RecordBatchReader.from_batches(schema, _noting(batches, errors))
    fields = ", ".join(f"'{name}': o.{name}" for name in _FIELDS[kind])
    text = query("catalog/scored_objects")
    with registered(dataset.con, reader) as name:
        try:
            dataset.con.execute(text.format(scored="sqlsel_scored", raw=name, fields=fields))
        except duckdb.Error:
            if errors:  # DuckDB tells a text only, with a traceback in it
                raise errors[0] from None
            raise


def _noting(
    batches: Iterable[pa.RecordBatch], errors: list[BaseException]
) -> Iterator[pa.RecordBatch]:
    """The batches; what goes wrong with them, Ctrl-C included, is put into ``errors`` too."""
    try:
        yield from batches
    except BaseException as error:
        errors.append(error)
        raise


def join_predictions(dataset: Dataset, task: str, *, anew: bool = False) -> int:
    """Make the task's table anew: what was put, else what was there, with scores of all samples.

    ``anew``: without what was there. Gives how many samples got other predictions.
    """
    con, table = dataset.con, f"predictions_{task}"
    kind, categories = dataset.tasks()[task]
    given = "(SELECT sample_id, objects FROM sqlsel_scored)"
    if table in dataset.tables() and not anew:
        given = (
            "(FROM sqlsel_scored UNION ALL SELECT sample_id, objects "
            f"FROM {dataset.table(table)} ANTI JOIN sqlsel_scored USING (sample_id))"
        )
    more = query("catalog/objectness") if kind in OBJECTS else ""
    more += query("catalog/keypoints") if kind == "keypoint-detection" else ""
    text = query("catalog/predictions").format(
        d=identifier(dataset.name), given=given, classes=len(categories), more=more
    )
    con.execute(f"CREATE TEMP TABLE sqlsel_predictions AS\n{text}")
    _replace(dataset, table, "sqlsel_predictions")
    text = (
        f"SELECT count(*) FROM sqlsel_scored SEMI JOIN {dataset.table('samples')} USING (sample_id)"
    )
    count = int(con.execute(text).fetchall()[0][0])
    con.execute("DROP TABLE sqlsel_scored")
    return count


def put_vectors(dataset: Dataset, model: str, vectors: pa.Table) -> int:
    """Replace the vectors (sample_id, embedding) of the samples in it; give how many they are."""
    con, table = dataset.con, f"embeddings_{model}"
    kind = vectors.schema.field("embedding").type
    have = dataset.models().get(model)
    width = kind.list_size if pa.types.is_fixed_size_list(kind) else None
    told = f"FLOAT[{width}]" if width else "FLOAT[][]"
    samples = dataset.table("samples")
    with registered(con, vectors) as name:
        if have is not None and have != told:
            _check_replaces(dataset, model, have, told, name)
            have = None
        known = f"FROM {name} SEMI JOIN {samples} USING (sample_id)"
        given = f"SELECT sample_id, embedding::{told} AS embedding {known}"
        if have is not None:
            given += f" UNION ALL FROM {dataset.table(table)} ANTI JOIN {name} USING (sample_id)"
        con.execute(f"CREATE TEMP TABLE sqlsel_vectors AS FROM ({given}) ORDER BY sample_id")
        _replace(dataset, table, "sqlsel_vectors")
        return int(con.execute(f"SELECT count(*) {known}").fetchall()[0][0])


def _check_replaces(dataset: Dataset, model: str, have: str, told: str, given: str) -> None:
    """CatalogError where vectors of another width do not replace all that there are."""
    left = dataset.con.execute(
        f"SELECT count(*) FROM {dataset.table(f'embeddings_{model}')} ANTI JOIN {given} USING (sample_id)"
    ).fetchall()[0][0]
    if left:
        raise CatalogError(
            f"embedding {model!r} is {have} in the dataset, the new one is {told} and leaves out "
            f"{left:,} samples; give the vectors of all samples, or another name of the model"
        )


def drop_samples(dataset: Dataset, listed: pa.Table, *, keep: bool) -> tuple[int, str]:
    """How many samples are files that are not ``listed`` any more, and the first; drop them."""
    table = dataset.table("samples")
    with registered(dataset.con, listed) as name:
        gone = f"FROM {table} ANTI JOIN {name} ON {name}.file_name = samples.file_name"
        count, first = dataset.con.execute(f"SELECT count(*), min(file_name) {gone}").fetchall()[0]
        if count and not keep:
            dataset.con.execute(f"CREATE TEMP TABLE sqlsel_gone AS SELECT sample_id {gone}")
            models = [f"embeddings_{model}" for model in dataset.models()]
            for one in [*models, "tags", "samples"]:
                dataset.con.execute(
                    f"DELETE FROM {dataset.table(one)} WHERE sample_id IN (FROM sqlsel_gone)"
                )
            dataset.con.execute("DROP TABLE sqlsel_gone")
    return int(count), str(first)


def vectors_of_objects(dataset: Dataset, task: str, vectors: pa.Table, report: Any) -> pa.Table:
    """The vectors of objects (``<sample id>#<number>``) as one list per sample, in their order.

    Samples of which an object has no vector are left out, with a warning.
    """
    if task not in dataset.tasks():
        raise CatalogError(unknown("task", task, dataset.tasks()))
    table = dataset.table(f"predictions_{task}")
    with registered(dataset.con, vectors) as name:
        found = dataset.con.sql(
            f"SELECT o.sample_id, list(v.embedding ORDER BY number) AS embedding, "
            "count(v.embedding) AS known, count(*) AS objects FROM (SELECT sample_id, "
            f"unnest(range(1, len(objects) + 1)) AS number FROM {table}) AS o LEFT JOIN {name} AS v "
            "ON v.sample_id = o.sample_id || '#' || number GROUP BY ALL HAVING known > 0 "
            "ORDER BY o.sample_id"
        ).to_arrow_table()
    whole = pc.equal(found["known"], found["objects"])
    if lacking := found.filter(pc.invert(whole)):
        example = lacking["sample_id"][0].as_py()
        report.warn("samples of which an object has no vector are left out", example, len(lacking))
    return found.filter(whole).select(["sample_id", "embedding"])


def _replace(dataset: Dataset, table: str, temporary: str, key: str | None = None) -> None:
    """The temporary table under its name in the dataset; views over it are dropped before."""
    con = dataset.con
    con.execute(f"CREATE OR REPLACE TABLE {dataset.table(table)} AS FROM {temporary}")
    if key is not None:
        con.execute(f"ALTER TABLE {dataset.table(table)} ADD PRIMARY KEY ({key})")
    con.execute(f"DROP TABLE {temporary}")


def taken_names(dataset: Dataset, metadata: pa.Table) -> set[str]:
    """Names that metadata cannot have; a STRUCT may be called like a task and joins its fields."""
    structs = {f.name.casefold() for f in metadata.schema if pa.types.is_struct(f.type)}
    tasks = {name.casefold() for name in dataset.tasks()} - structs
    return {*BUILT_IN, *tasks, *(name.casefold() for name in dataset.models())}


def _check_names(dataset: Dataset, metadata: pa.Table) -> None:
    taken = taken_names(dataset, metadata)
    for name in metadata.column_names:
        if name != "sample_id" and name.casefold() in taken:
            raise CatalogError(
                f"metadata key {name!r} is the name of a task, a model or a column of samples"
            )
