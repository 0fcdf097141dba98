"""What is known of the crops of a task's objects: beside the predictions, and as a dataset of their own.

All of it runs in the transaction of the caller.
"""

from __future__ import annotations

import pyarrow as pa

from sqlsel.catalog.database import dataset_names, registered
from sqlsel.catalog.dataset import Dataset
from sqlsel.errors import CatalogError
from sqlsel.sqltext.quoting import literal


def boxes_of(dataset: Dataset, task: str) -> pa.Table:
    """file_name, size in bytes, boxes, and ``state``: a number that changes with the objects and their categories.

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
        'SELECT file_name, lightly."sizeInBytes" AS size, '
        "list_transform(objects, lambda o: o.bbox) AS boxes, "
        f"(hash(objects, categories) >> 2)::BIGINT AS state FROM {table} "
        f"JOIN {dataset.table('samples')} USING (sample_id) "
        f"CROSS JOIN (SELECT categories FROM {dataset.table('tasks')} WHERE name = {literal(task)}) "
        "WHERE len(objects) > 0 ORDER BY file_name ASC"
    ).to_arrow_table()


def cropped(parent: Dataset, task: str, target: Dataset) -> str:
    """A query of the files whose crops are known to the task and are in the dataset ``target``, if there is one."""
    known = parent.table(f"crops_{task}")
    here = f"SELECT file_name FROM {parent.table('samples')} SEMI JOIN {known} USING (sample_id)"
    if target.name not in dataset_names(parent.con) or "parent_id" not in target.columns("samples"):
        return f"{here} WHERE false"
    return f"{here} WHERE sample_id IN (SELECT parent_id FROM {target.table('samples')})"


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
    """Delete crops and vectors of all objects of a task."""
    for table in (f"crops_{task}", f"embeddings_{task}"):
        dataset.con.execute(f"DROP TABLE IF EXISTS {dataset.table(table)}")


def drop_changed_crops(dataset: Dataset, task: str, given: str) -> None:
    """Delete crops and vectors of objects that are no longer in the relation ``given``."""
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


def check_source(dataset: Dataset, source: tuple[str, str, str]) -> None:
    """CatalogError where the dataset exists and is not of this source, or its folder is another one's.

    ``source``: the parent dataset, its task, and the folder of the pictures.
    """
    con, known = dataset.con, dataset_names(dataset.con)
    for name in known:
        other = Dataset(con, name)
        found = (
            con.execute(f"FROM {other.table('source')}").fetchall() if other.is_cropped() else []
        )
        if name == dataset.name and [row[:2] for row in found] != [source[:2]]:
            raise CatalogError(
                f"dataset {name} exists and does not hold the crops of task {source[1]!r} of "
                f"{source[0]}; give another name with --name"
            )
        if name != dataset.name and any(row[2] == source[2] for row in found):
            raise CatalogError(
                f"{source[2]} holds the pictures of dataset {name}; give another folder with -o"
            )


def note_source(dataset: Dataset, source: tuple[str, str, str]) -> None:
    """Say of a dataset where its crops come from, and where their pictures are."""
    table = dataset.table("source")
    dataset.con.execute(
        f"CREATE OR REPLACE TABLE {table} (parent VARCHAR, task VARCHAR, folder VARCHAR)"
    )
    dataset.con.execute(f"INSERT INTO {table} VALUES (?, ?, ?)", source)
