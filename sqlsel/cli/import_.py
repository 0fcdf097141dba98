"""``sqlsel import``: the folders and files of other tools, as a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sqlsel.cli.databases import database
from sqlsel.cli.options import manners
from sqlsel.errors import InvalidInput

FORMATS = ("lightly", "coco", "yolo", "label-studio", "pretagging", "vectors")


@click.command("import")
@click.argument("form", metavar="FORMAT", type=click.Choice(FORMATS))
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--db", envvar="SQLSEL_DB", metavar="FILE", help="The catalogue, made if need be.")
@click.option("-o", "--output", metavar="DIR", help="Write Parquet files instead.")
@click.option("--name", metavar="DATASET", help="Name of the dataset [the folder's name].")
@click.option("--lightly", type=click.Path(path_type=Path), help="The folder [SOURCE/.lightly].")
@click.option("--relevant", type=click.Path(path_type=Path), help="File of the names to take.")
@click.option("--prune", is_flag=True, help="Drop samples whose files are gone (lightly).")
@click.option("--task", metavar="NAME", help="The task (labels); whose objects (vectors).")
@click.option("--images", type=click.Path(path_type=Path), help="COCO file that results are of.")
@click.option("--model", metavar="NAME", help="Name of the embedding model (vectors) [default].")
@click.option(
    "--id",
    "id_column",
    metavar="COLUMN",
    help="Of the ids (vectors); of the images (label-studio).",
)
@click.option("--ids", type=click.Path(path_type=Path), help="File of the ids of a .npy file.")
@click.option("--strip-prefix", default="", metavar="PREFIX", help="Taken off names in files.")
@click.option("--memory-limit", metavar="SIZE", help="What DuckDB may take, e.g. '2 GiB' [80 %].")
@manners
def import_command(
    form: str,
    source: Path,
    db: str | None,
    output: str | None,
    *,
    quiet: bool,
    verbose: bool,
    **told: Any,
) -> None:
    """Read SOURCE into a dataset of --db, or into Parquet files in -o.

    A second import of the same adds what is new, updates what has changed, and reads nothing else.
    stdout gets one line per table; stderr says what was left out and why.

    Example: sqlsel import lightly photos --db catalog.duckdb
    """
    from sqlsel.catalog.imports.dataset_names import name_after
    from sqlsel.catalog.parquet import save_folder

    if (db is None) == (output is None):
        raise click.UsageError("give one of --db FILE (a catalogue) and -o DIR (Parquet files)")
    with database(db) as con:
        if told["memory_limit"] is not None:
            con.execute("SET memory_limit = ?", [told["memory_limit"]])
        name = told["name"] or name_after(con, source)
        if output is not None:
            _load(con, Path(output), name)
        done = _imported(con, form, source, {**told, "name": name})
        if output is not None and (done.changed or not (Path(output) / done.dataset.name).exists()):
            save_folder(done.dataset, Path(output))
        for table, rows, columns in done.tables:
            click.echo(
                f"{done.dataset.name}.{table}: {rows:,} rows new or updated  {columns}".rstrip()
            )
    for line in () if quiet else done.report.lines(every=verbose):
        click.echo(line, err=True)
    if done.empty:
        raise InvalidInput("; ".join(done.empty))


def _load(con: Any, folder: Path, name: str) -> None:
    """The datasets that are in the folder of Parquet files, if ``name`` may be written there."""
    from sqlsel.catalog import prepare
    from sqlsel.catalog.parquet import check_folder, load_folder

    check_folder(folder / name)
    if folder.is_dir():
        prepare(con)
        load_folder(con, folder)


def _imported(con: Any, form: str, source: Path, told: dict[str, Any]) -> Any:
    from sqlsel.catalog import imports
    from sqlsel.readers import Report

    name, report = told["name"], Report()
    joining: dict[str, Any] = {"strip_prefix": told["strip_prefix"]}
    if form == "lightly":
        return imports.import_folder(
            con,
            source,
            name,
            lightly=told["lightly"],
            relevant=told["relevant"],
            prune=told["prune"],
            strip_prefix=told["strip_prefix"],
        )
    if form == "vectors":
        from sqlsel.readers.embeddings import read_embeddings

        own, others = told["id_column"], told["task"] is None
        vectors = read_embeddings(source, report, id=own, ids=told["ids"], others=others)
        model = told["model"] or "default"
        return imports.import_vectors(
            con, name, vectors, report, model=model, task=told["task"], **joining
        )
    if form == "label-studio":
        return _label_studio(con, source, told, report)
    if form == "pretagging":
        from sqlsel.readers.pretagging import read_dump

        found = read_dump(source, report, sizes=_sizes(con, name))
    else:
        from sqlsel.readers.labels import read_labels

        options = {"task": told["task"], "images": told["images"], "size": _size_of}
        found = read_labels(form, source, report, **options)
        joining["unknown"] = True  # an image that a file of labels does not have is not labelled
    return imports.import_task(con, name, *found, report, **joining)


def _label_studio(con: Any, source: Path, told: dict[str, Any], report: Any) -> Any:
    from sqlsel.catalog.imports import import_tasks
    from sqlsel.readers.label_studio import Known, read_label_studio

    name, key = told["name"], told["id_column"]
    known = Known(_sizes(con, name), _categories(con, name))
    found = read_label_studio(source, report, task=told["task"], key=key, known=known)
    prefix = told["strip_prefix"]
    return import_tasks(con, name, *found, report, strip_prefix=prefix, unknown=True)


def _categories(con: Any, name: str) -> Any:
    """The categories of the tasks of the dataset."""
    from sqlsel.catalog import datasets, open_dataset
    from sqlsel.readers.read_model import Category

    tasks = open_dataset(con, name).tasks() if name in datasets(con) else {}
    return {task: [Category(*one) for one in listed] for task, (_, listed) in tasks.items()}


def _size_of(path: Path) -> tuple[int, int]:
    """Width and height of a picture, of which YOLO writes shares."""
    from sqlsel.images.pixels import need_pillow
    from sqlsel.readers.strict import Fault

    need_pillow("YOLO's labels are shares of their pictures")
    from sqlsel.images.pixels.opening import BadImage, size_of

    try:
        return size_of(path)
    except BadImage as error:
        raise Fault(str(error)) from error


def _sizes(con: Any, name: str) -> Any:
    """Width and height of the images of the dataset, as far as they are known."""
    from sqlsel.catalog import datasets, open_dataset
    from sqlsel.catalog.measure_tables import sizes

    return sizes(open_dataset(con, name)) if name in datasets(con) else {}
