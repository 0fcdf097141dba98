"""``sqlsel import``: the folders and files of other tools, as a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sqlsel.cli.databases import database
from sqlsel.cli.options import verbosity_options
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
@verbosity_options
def import_command(
    form: str,
    source: Path,
    db: str | None,
    output: str | None,
    *,
    quiet: bool,
    verbose: bool,
    **options: Any,
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
        if options["memory_limit"] is not None:
            con.execute("SET memory_limit = ?", [options["memory_limit"]])
        name = options["name"] or name_after(con, source)
        if output is not None:
            _load_parquet(con, Path(output), name)
        imported = _import_by_format(con, form, source, {**options, "name": name})
        if output is not None and (
            imported.changed or not (Path(output) / imported.dataset.name).exists()
        ):
            save_folder(imported.dataset, Path(output))
        for table, rows, columns in imported.tables:
            click.echo(
                f"{imported.dataset.name}.{table}: {rows:,} rows new or updated  {columns}".rstrip()
            )
    for line in () if quiet else imported.report.lines(every=verbose):
        click.echo(line, err=True)
    if imported.empty:
        raise InvalidInput("; ".join(imported.empty))


def _load_parquet(con: Any, folder: Path, name: str) -> None:
    """Load the datasets of a folder of Parquet files; CatalogError where ``name`` may not be written there."""
    from sqlsel.catalog import prepare
    from sqlsel.catalog.parquet import check_folder, load_folder

    check_folder(folder / name)
    if folder.is_dir():
        prepare(con)
        load_folder(con, folder)


def _import_by_format(con: Any, form: str, source: Path, options: dict[str, Any]) -> Any:
    """Read ``source`` as ``form`` and write it into the dataset; gives what was done (``Imported``)."""
    from sqlsel.catalog import imports
    from sqlsel.readers import Report

    name, report = options["name"], Report()
    joining: dict[str, Any] = {"strip_prefix": options["strip_prefix"]}
    if form == "lightly":
        return imports.import_folder(
            con,
            source,
            name,
            lightly=options["lightly"],
            relevant=options["relevant"],
            prune=options["prune"],
            strip_prefix=options["strip_prefix"],
        )
    if form == "vectors":
        from sqlsel.readers.embeddings import read_embeddings

        id_column, others = options["id_column"], options["task"] is None
        vectors = read_embeddings(source, report, id=id_column, ids=options["ids"], others=others)
        model = options["model"] or "default"
        return imports.import_vectors(
            con, name, vectors, report, model=model, task=options["task"], **joining
        )
    if form == "label-studio":
        return _label_studio(con, source, options, report)
    if form == "pretagging":
        from sqlsel.readers.pretagging import read_dump

        labels = read_dump(source, report, sizes=_sizes(con, name))
    else:
        from sqlsel.readers.labels import read_labels

        task, images = options["task"], options["images"]
        labels = read_labels(form, source, report, task=task, images=images, size=_size_of)
        joining["unknown"] = True  # an image that a file of labels does not have is not labelled
    return imports.import_task(con, name, *labels, report, **joining)


def _label_studio(con: Any, source: Path, options: dict[str, Any], report: Any) -> Any:
    """Import an export of Label Studio, which may hold several tasks at once."""
    from sqlsel.catalog.imports import import_tasks
    from sqlsel.readers.label_studio import ExistingData, read_label_studio

    name, id_column = options["name"], options["id_column"]
    existing = ExistingData(_sizes(con, name), _categories(con, name))
    labels = read_label_studio(
        source, report, task=options["task"], key=id_column, existing=existing
    )
    prefix = options["strip_prefix"]
    return import_tasks(con, name, *labels, report, strip_prefix=prefix, unknown=True)


def _categories(con: Any, name: str) -> Any:
    """The categories of each task of the dataset of this name; empty where there is none."""
    from sqlsel.catalog import datasets, open_dataset
    from sqlsel.readers.read_model import Category

    tasks = open_dataset(con, name).tasks() if name in datasets(con) else {}
    return {task: [Category(*one) for one in listed] for task, (_, listed) in tasks.items()}


def _size_of(path: Path) -> tuple[int, int]:
    """Width and height of a picture in pixels: YOLO's boxes are shares of them. ``Fault`` for a bad picture."""
    from sqlsel.images.pixels import need_pillow
    from sqlsel.readers.strict import Fault

    need_pillow("YOLO's labels are shares of their pictures")
    from sqlsel.images.pixels.opening import BadImage, size_of

    try:
        return size_of(path)
    except BadImage as error:
        raise Fault(str(error)) from error


def _sizes(con: Any, name: str) -> Any:
    """Width and height of the images of the dataset that were measured (sqlsel metadata), by sample id."""
    from sqlsel.catalog import datasets, open_dataset
    from sqlsel.catalog.measure_tables import sizes

    return sizes(open_dataset(con, name)) if name in datasets(con) else {}
