"""Creates the views of a dataset: ``catalog``, a row per sample, and ``objects_TASK``, a row per object."""

from __future__ import annotations

from sqlsel.catalog.dataset import MEASURES, Dataset
from sqlsel.readers.read_model import OBJECT_TYPES
from sqlsel.sqltext.quoting import identifier, literal
from sqlsel.sqltext.sql_files import query


def make_views(dataset: Dataset) -> None:
    """Create or replace the views; needed after tables were added or their columns changed."""
    own, tasks = _own_columns(dataset), dataset.tasks()
    columns, joins = [], []
    models = {m: k for m, k in dataset.models().items() if m not in tasks}
    for i, (model, kind) in enumerate(models.items()):
        name = "embedding" if i == 0 else model
        columns.append(f"e{i}.embedding::{kind} AS {identifier(name)}")
        joins.append(_left_join(dataset, f"embeddings_{model}", f"e{i}"))
    for i, task in enumerate(tasks):
        fields = [*own.pop(task, []), *_prediction_fields(dataset, task, f"p{i}")]
        columns.append(f"struct_pack({', '.join(fields)}) AS {identifier(task)}")
        joins.append(_left_join(dataset, f"predictions_{task}", f"p{i}", as_list=False))
        if _has_vectors(dataset, task):
            joins.append(_left_join(dataset, f"embeddings_{task}", f"p{i}_e", as_list=False))
    if "duplicates" in dataset.tables():
        columns.append("x.duplicate_of")
        joins.append(_left_join(dataset, "duplicates", "x", as_list=False))
    if not _has_images(dataset):
        own.pop("lightly")
    plain = [_measures_field(dataset) if n == "lightly" else f"s.{identifier(n)}" for n in own]
    lines = "\n".join(joins)
    dataset.con.execute(
        f"CREATE OR REPLACE VIEW {dataset.view} AS\nSELECT {', '.join([*plain, *columns])}\n"
        f"FROM {dataset.table('samples')} AS s\n{lines}"
    )
    for task, (kind, _) in tasks.items():
        if kind in OBJECT_TYPES:
            _view_objects(dataset, task, list(models))
        else:
            dataset.con.execute(f"DROP VIEW IF EXISTS {dataset.table(f'objects_{task}')}")


def _own_columns(dataset: Dataset) -> dict[str, list[str]]:
    """The columns of samples → for a struct the SQL of its fields (``name := value``), else an empty list."""
    relation = dataset.con.sql(f"FROM {dataset.table('samples')} LIMIT 0")
    return {
        name: [
            f"{identifier(field)} := s.{identifier(name)}.{identifier(field)}"
            for field, _ in (kind.children if kind.id == "struct" else ())
        ]
        for name, kind in zip(relation.columns, relation.types, strict=True)
    }


def _has_images(dataset: Dataset) -> bool:
    """Whether any sample is an image or a frame; samples that are names alone have no ``lightly``."""
    text = 'SELECT count(lightly."sizeInBytes") + count(lightly.width) + count(frame) FROM '
    text += dataset.table("samples")
    return bool(dataset.con.execute(text).fetchall()[0][0])


def _measures_field(dataset: Dataset) -> str:
    """The SQL of column ``lightly``, with the measures that any sample has, else with all of them."""
    fields = [f"{identifier(name)}" for name in MEASURES]
    counts = dataset.con.execute(
        f"SELECT {', '.join(f'count(lightly.{f})' for f in fields)} FROM {dataset.table('samples')}"
    ).fetchall()[0]
    measured = [f for f, count in zip(fields, counts, strict=True) if count] or fields
    return f"struct_pack({', '.join(f'{f} := s.lightly.{f}' for f in measured)}) AS lightly"


def _left_join(dataset: Dataset, table: str, alias: str, *, as_list: bool = True) -> str:
    """The SQL of a left join with a table; ``as_list``: of (sample_id, embedding), with its FLOAT[n] as lists."""
    name = dataset.table(table)
    if as_list:  # DuckDB 2.0 fails on FLOAT[n] of rows without a match
        name = f"(SELECT sample_id, embedding::FLOAT[] AS embedding FROM {name})"
    return f"LEFT JOIN {name} AS {alias} ON {alias}.sample_id = s.sample_id"


def _has_vectors(dataset: Dataset, task: str) -> bool:
    return f"embeddings_{task}" in dataset.tables()


def _prediction_fields(dataset: Dataset, task: str, alias: str) -> list[str]:
    """The columns of a task's predictions as SQL fields of a struct, with the objects' vectors if there are any."""
    fields = [f"{n} := {alias}.{n}" for n in dataset.columns(f"predictions_{task}")[1:]]
    if _has_vectors(dataset, task):
        fields.append(f"embeddings := {alias}_e.embedding")
    return fields


def _view_objects(dataset: Dataset, task: str, models: list[str]) -> None:
    """Create the view of a task's objects, with the columns of their image.

    Vectors and measures of whole images are left out: an object has those of its crop, or none.
    """
    own, embedded = f"c.{identifier(task)}.embeddings[c.sqlsel_number]", _has_vectors(dataset, task)
    crops = f"crops_{task}"
    cropped = crops in dataset.tables()
    joined = f"\nLEFT JOIN {dataset.table(crops)} AS m ON m.sample_id = c.sample_id"
    hidden = [
        "sample_id",
        task,
        "sqlsel_number",
        "sqlsel_one",
        *models[1:],
        *(["embedding"] if models else []),
        *(["lightly"] if _has_images(dataset) else []),
        *(["duplicate_of"] if "duplicates" in dataset.tables() else []),
    ]
    relation = dataset.con.sql(
        f"SELECT objects FROM {dataset.table(f'predictions_{task}')} LIMIT 0"
    )
    boxed = "bbox " in str(relation.types[0]) or '"bbox" ' in str(relation.types[0])
    box = "{'x': c.sqlsel_one.bbox[1], 'y': c.sqlsel_one.bbox[2], 'w': c.sqlsel_one.bbox[3], 'h': c.sqlsel_one.bbox[4]}"
    dataset.con.execute(
        query("catalog/objects").format(
            d=identifier(dataset.name),
            objects=identifier(f"objects_{task}"),
            task=identifier(task),
            name=literal(task),
            bbox=f"{box} AS bbox,\n    " if boxed else "",
            embedding=f"{own} AS embedding, " if embedded else "",
            vectors=f"\n        'embeddings': [{own}]," if embedded else "",
            measured="m.lightly[c.sqlsel_number] AS lightly, " if cropped else "",
            joined=joined if cropped else "",
            hidden=", ".join(identifier(name) for name in hidden),
        )
    )
