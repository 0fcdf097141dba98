"""Tables on the crops of a task's objects: beside the predictions, and of the dataset whose samples they are.

All of it runs in the transaction of the caller.
"""

from __future__ import annotations

import pyarrow as pa

from sqlsel.catalog.database import dataset_names, registered
from sqlsel.catalog.dataset import Dataset
from sqlsel.errors import CatalogError
from sqlsel.sqltext.quoting import literal


def boxes_of(dataset: Dataset, task: str) -> pa.Table:
    """A row per image with objects: file_name, size in bytes, boxes, and ``state``.

    ``state`` is a hash of the objects and the task's categories, so that changes of either are noticed.

    Raises CatalogError for objects without boxes, or with boxes that are shares of their image.
    """
    table = dataset.table(f"predictions_{task}")
    kind = str(dataset.con.sql(f"SELECT objects FROM {table} LIMIT 0").types[0])
    if "bbox " not in kind and '"bbox" ' not in kind:
        raise CatalogError(f"the objects of task {task!r} have no boxes; there is nothing to crop")
    text = f"SELECT max(greatest(o.bbox[3], o.bbox[4])) FROM (SELECT unnest(objects) AS o FROM {table})"
    largest = dataset.con.execute(text).fetchall()[0][0]
    if largest is not None and largest <= 1:  # no box in pixels is so small everywhere
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


def cropped_files(parent: Dataset, task: str, target: Dataset) -> str:
    """A query of the files whose crops are stored both for the task and as samples of the dataset ``target``."""
    crops = parent.table(f"crops_{task}")
    here = f"SELECT file_name FROM {parent.table('samples')} SEMI JOIN {crops} USING (sample_id)"
    if target.name not in dataset_names(parent.con) or "parent_id" not in target.columns("samples"):
        return f"{here} WHERE false"
    return f"{here} WHERE sample_id IN (SELECT parent_id FROM {target.table('samples')})"


def put_crops(dataset: Dataset, task: str, crops: pa.Table) -> None:
    """Store measures of the crops (sample_id, ``lightly``: a list in the order of the sample's objects)."""
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


def drop_changed_crops(dataset: Dataset, task: str, predictions: str) -> None:
    """Delete crops and vectors of the samples whose objects differ in the new relation ``predictions``."""
    tables = {f"crops_{task}", f"embeddings_{task}"} & dataset.tables()
    stored = dataset.table(f"predictions_{task}")
    for table in sorted(tables):
        dataset.con.execute(
            f"DELETE FROM {dataset.table(table)} WHERE sample_id IN (SELECT p.sample_id "
            f"FROM {stored} AS p LEFT JOIN {predictions} AS g USING (sample_id) "
            "WHERE p.objects IS DISTINCT FROM g.objects)"
        )


def drop_orphaned_crops(dataset: Dataset, parents: pa.Table) -> None:
    """In a dataset of crops, delete the samples whose image is not in ``parents`` (parent_id), from all tables."""
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
    """CatalogError where the dataset exists with another source, or another dataset has its pictures in this folder.

    ``source``: the parent dataset, its task, and the folder of the pictures.
    """
    con, names = dataset.con, dataset_names(dataset.con)
    for name in names:
        other = Dataset(con, name)
        sources = (
            con.execute(f"FROM {other.table('source')}").fetchall() if other.is_cropped() else []
        )
        if name == dataset.name and [row[:2] for row in sources] != [source[:2]]:
            raise CatalogError(
                f"dataset {name} exists and does not hold the crops of task {source[1]!r} of "
                f"{source[0]}; give another name with --name"
            )
        if name != dataset.name and any(row[2] == source[2] for row in sources):
            raise CatalogError(
                f"{source[2]} holds the pictures of dataset {name}; give another folder with -o"
            )


def record_source(dataset: Dataset, source: tuple[str, str, str]) -> None:
    """Store the source of a dataset of crops: (parent dataset, task, folder of the pictures)."""
    table = dataset.table("source")
    dataset.con.execute(
        f"CREATE OR REPLACE TABLE {table} (parent VARCHAR, task VARCHAR, folder VARCHAR)"
    )
    dataset.con.execute(f"INSERT INTO {table} VALUES (?, ?, ?)", source)
