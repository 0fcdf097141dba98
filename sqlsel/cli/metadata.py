"""``sqlsel metadata``: sharpness, luminance, size and more, computed from the pixels of images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sqlsel.cli.computing import (
    destination_of,
    destination_options,
    progress_keyword,
    working_connection,
    write_results,
)
from sqlsel.cli.options import verbosity_options


@click.command("metadata")
@click.argument("images", type=click.Path(path_type=Path))
@destination_options
@verbosity_options
def metadata_command(images: Path, threads: int | None, name: str | None, **options: Any) -> None:
    """Measure the images below the folder IMAGES: sharpness, snr, luminance, width, height and more.

    They become `lightly` of the samples in --db, or rows. A second run measures new and changed
    images only; what an interrupted run has done is kept. Needs the extra: pip install 'sqlsel[images]'

    Example: sqlsel metadata photos --db catalog.duckdb
    """
    from sqlsel.images.work import needs

    needs("images")
    from sqlsel.images.work.image_folder import open_folder
    from sqlsel.images.work.measuring import measure_folder

    destination = destination_of(options)
    with working_connection(destination) as con:
        folder = open_folder(con, images, name)
        with progress_keyword(destination) as progress:
            summary = measure_folder(folder, threads=threads, **progress)
        text = (
            "SELECT sample_id, lightly "
            f"FROM {folder.dataset.view} WHERE lightly.width IS NOT NULL ORDER BY encode(sample_id) ASC"
        )
        write_results(destination, folder.imported, summary, lambda: con.sql(text).to_arrow_table())
