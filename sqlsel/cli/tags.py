"""``sqlsel tags``: the selections that a catalogue keeps."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click

from sqlsel.cli.output import check_target, choose_format, output_options, write
from sqlsel.cli.streams import read_text
from sqlsel.errors import CatalogError, suggestion


@click.group("tags")
def tags_command() -> None:
    """List, show, save, compare and delete the tags of a dataset.

    Example: sqlsel tags list --db catalog.duckdb
    """


def _of_dataset(command: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: adds --db, --data and --debug."""
    for option in (
        click.option("--debug", is_flag=True, expose_value=False, help="Show tracebacks."),
        click.option("--data", metavar="DATASET", help="The dataset [the only one]."),
        click.option(
            "--db", envvar="SQLSEL_DB", required=True, metavar="FILE", help="The catalogue."
        ),
    ):
        command = option(command)
    return command


@contextmanager
def _dataset(
    db: str, data: str | None, tags: Sequence[str] = (), *, write: bool = False
) -> Iterator[Any]:
    """The dataset ``data``, or the only one of the database, or the only one with all of these ``tags``."""
    from sqlsel.catalog import connect, open_dataset
    from sqlsel.catalog.tags import ALL_SAMPLES, tag_names

    if not Path(db).exists():
        connect(db)  # raises the CatalogError; to open it for writing would create the file
    with closing(connect(db, write=write)) as con:
        required = {tag for tag in tags if tag != ALL_SAMPLES}
        having = (lambda one: required <= set(tag_names(one))) if required else None
        yield open_dataset(con, data, having)


@tags_command.command("list")
@_of_dataset
@output_options
def list_tags(
    db: str, data: str | None, form: str | None, output: str | None, *, force: bool
) -> None:
    """All tags: name, samples, parent, date, and what the run asked."""
    from sqlsel.catalog.tags import tag_table

    with _dataset(db, data) as dataset:
        _write(tag_table(dataset), form, output, force=force)


@tags_command.command("show")
@click.argument("tag")
@click.option("--exclude-parent", is_flag=True, help="Only what this tag's run added.")
@_of_dataset
@output_options
def show_tag(
    tag: str,
    db: str,
    data: str | None,
    form: str | None,
    output: str | None,
    *,
    force: bool,
    exclude_parent: bool,
) -> None:
    """The samples of a tag by rank: ids, or with --format or -o their rank and gain too."""
    from sqlsel.catalog.tags import samples

    with _dataset(db, data, [tag]) as dataset:
        rows = samples(dataset, tag, without_parent=exclude_parent)
        _write(rows, form, output, force=force, otherwise="filenames")


@tags_command.command("save")
@click.argument("tag")
@click.argument("source")
@click.option("--first", type=click.IntRange(1), metavar="N", help="The first N by rank only.")
@_of_dataset
def save_tag(tag: str, source: str, first: int | None, db: str, data: str | None) -> None:
    """Make a tag of the sample ids in the file SOURCE, one per line (- is stdin); or of Lightly's tag JSON.

    SOURCE may also be a tag: the first N of a selection of more are the selection of N, so how many
    are enough can be decided afterwards.
    """
    import pyarrow as pa

    from sqlsel.catalog import tags, transaction

    with _dataset(db, data, write=True) as dataset, transaction(dataset.con):
        if source in tags.tag_names(dataset) and not Path(source).is_file():
            count = tags.save_first(dataset, tag, source, first)
            click.echo(f"{tag}: {count:,} samples")
            return
        if source != "-" and not Path(source).exists():
            named = suggestion(source, tags.tag_names(dataset))
            raise CatalogError(f"{source!r} is neither a file nor a tag.{named}")
        names = list(dict.fromkeys(_names(source, dataset)))
        if first is not None and first > len(names):
            raise click.UsageError(f"{source} has {len(names):,} ids, fewer than {first:,}")
        names = names[:first]
        tags.check_samples(dataset, names)
        picks = pa.table(
            {
                "sample_id": pa.array(names, pa.string()),
                "rank": pa.array(range(1, len(names) + 1), pa.int64()),
                "gain": pa.nulls(len(names), pa.float64()),
            }
        )
        tags.save_tag(dataset, tag, picks)
    click.echo(f"{tag}: {len(names):,} samples")


@tags_command.command("diff")
@click.argument("before")
@click.argument("after")
@_of_dataset
@output_options
def diff_tags(
    before: str,
    after: str,
    db: str,
    data: str | None,
    form: str | None,
    output: str | None,
    *,
    force: bool,
) -> None:
    """What is in the tag AFTER and not in BEFORE (added), and the other way round (removed)."""
    from sqlsel.catalog.tags import tag_difference

    with _dataset(db, data, [before, after]) as dataset:
        _write(tag_difference(dataset, before, after), form, output, force=force)


@tags_command.command("delete")
@click.argument("tag")
@_of_dataset
def delete_tag(tag: str, db: str, data: str | None) -> None:
    """Delete a tag; the record of its run stays."""
    from sqlsel.catalog import tags, transaction

    with _dataset(db, data, [tag], write=True) as dataset, transaction(dataset.con):
        count = tags.delete_tag(dataset, tag)
    click.echo(f"{tag}: deleted, it had {count:,} samples")


def _names(file: str, dataset: Any) -> list[str]:
    """The sample ids in a file, one per line ("-": stdin), or of Lightly's tag JSON; CatalogError."""
    from sqlsel.readers.tags import read_tag

    if file.lower().endswith(".json"):
        rows = dataset.con.execute(f"SELECT sample_id FROM {dataset.table('samples')}").fetchall()
        return list(read_tag(Path(file), sorted((row[0] for row in rows), key=str.encode)))
    return [line for line in read_text(file).splitlines() if line]


def _write(
    table: Any, form: str | None, output: str | None, *, force: bool, otherwise: str | None = None
) -> None:
    """Write the table in the format of the options; ``otherwise``: the format without any [table, or csv]."""
    usual = otherwise or ("table" if sys.stdout.isatty() else "csv")
    chosen = choose_format(form, output, usual)
    check_target(output, force=force)
    write(table, chosen, output, "sample_id", force=force)
