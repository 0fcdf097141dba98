"""What is known of the crops of a task's objects: beside the predictions, and as a dataset of their own.

All of it runs in the transaction of the caller.
"""

from __future__ import annotations

import pyarrow as pa

from sqlsel.catalog.database import registered
from sqlsel.catalog.dataset import Dataset
from sqlsel.errors import CatalogError


def boxes_of(dataset: Dataset, task: str) -> pa.Table:
    """sample_id, file_name, objects, and ``state``: a number that changes when the objects do.

    Raises CatalogError for objects without boxes, or with boxes that are shares of their image.
    """
    table = dataset.table(f"predictions_{task}")
    kind = str(dataset.con.sql(f"SELECT objects FROM {table} LIMIT 0").types[0])
    if "bbox " not in kind and '"bbox" ' not in kind:
        raise CatalogError(f"the objects of task {task!r} have no boxes; there is nothing to crop")
    text = f"SELECT max(greatest(o.bbox[3], o.bbox[4])) FROM (SELECT unnest(objects) AS o FROM {table})"
    largest = dataset.con.execute(text).fetchall()[0][0]
    if largest is not None and largest <= 1:
        raise CatalogError(
            f"the boxes of task {task!r} are shares of the images, not pixels; "
            "import the dump again after sqlsel metadata"
        )
    return dataset.con.sql(
        f"SELECT sample_id, file_name, objects, (hash(objects) >> 2)::BIGINT AS state FROM {table} "
        f"JOIN {dataset.table('samples')} USING (sample_id) WHERE len(objects) > 0 ORDER BY file_name"
    ).to_arrow_table()


def put_crops(dataset: Dataset, task: str, crops: pa.Table) -> None:
    """Note ``lightly`` of the crops of some samples: sample_id, and one list in the order of its objects."""
    table = dataset.table(f"crops_{task}")
    with registered(dataset.con, crops) as name:
        dataset.con.execute(f"CREATE TABLE IF NOT EXISTS {table} AS FROM {name} LIMIT 0")
        dataset.con.execute(
            f"DELETE FROM {table} WHERE sample_id IN (SELECT sample_id FROM {name})"
        )
        dataset.con.execute(f"INSERT INTO {table} FROM {name}")


def drop_crops(dataset: Dataset, task: str) -> None:
    """Forget crops and vectors of all objects of a task."""
    for table in (f"crops_{task}", f"embeddings_{task}"):
        dataset.con.execute(f"DROP TABLE IF EXISTS {dataset.table(table)}")


def drop_changed_crops(dataset: Dataset, task: str, given: str) -> None:
    """Forget crops and vectors of objects that are not those of the relation ``given`` any more."""
    tables = {f"crops_{task}", f"embeddings_{task}"} & dataset.tables()
    before = dataset.table(f"predictions_{task}")
    for table in sorted(tables):
        dataset.con.execute(
            f"DELETE FROM {dataset.table(table)} WHERE sample_id IN (SELECT p.sample_id "
            f"FROM {before} AS p LEFT JOIN {given} AS g USING (sample_id) "
            "WHERE p.objects IS DISTINCT FROM g.objects)"
        )


def keep_parents(dataset: Dataset, parents: pa.Table) -> None:
    """Of a dataset of crops, drop those whose image (parent_id) is not among ``parents``."""
    if "parent_id" not in dataset.columns("samples"):
        return
    with registered(dataset.con, parents) as name:
        dataset.con.execute(
            f"CREATE OR REPLACE TEMP TABLE sqlsel_gone AS SELECT sample_id FROM "
            f"{dataset.table('samples')} ANTI JOIN {name} USING (parent_id)"
        )
    models = [f"embeddings_{model}" for model in dataset.models()]
    tasks = [f"predictions_{task}" for task in dataset.tasks()]
    for table in [*models, *tasks, "tags", "samples"]:
        if table in dataset.tables():
            dataset.con.execute(
                f"DELETE FROM {dataset.table(table)} WHERE sample_id IN (FROM sqlsel_gone)"
            )
    dataset.con.execute("DROP TABLE sqlsel_gone")


def note_parent(dataset: Dataset, parent: str, task: str) -> None:
    """Say of a dataset that it holds the crops of a task; CatalogError where it is something else."""
    table = dataset.table("source")
    have = "source" in dataset.tables()
    found = dataset.con.execute(f"FROM {table}").fetchall() if have else []
    if found == [(parent, task)]:
        return
    if found or dataset.count():
        raise CatalogError(
            f"dataset {dataset.name} exists and does not hold the crops of task {task!r} of {parent}; "
            "give another name with --name"
        )
    dataset.con.execute(f"CREATE TABLE {table} (parent VARCHAR NOT NULL, task VARCHAR NOT NULL)")
    dataset.con.execute(f"INSERT INTO {table} VALUES (?, ?)", [parent, task])
