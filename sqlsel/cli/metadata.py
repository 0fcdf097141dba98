"""``sqlsel metadata``: what the pixels of images tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sqlsel.cli.computing import finish, opened, place_of, place_options, watched
from sqlsel.cli.options import manners


@click.command("metadata")
@click.argument("images", type=click.Path(path_type=Path))
@place_options
@manners
def metadata_command(images: Path, threads: int | None, name: str | None, **told: Any) -> None:
    """Measure the images below the folder IMAGES: sharpness, snr, luminance, width, height and more.

    They become `lightly` of the samples in --db, or rows. A second run measures new and changed
    images only; what an interrupted run has done is kept. Needs the extra: pip install 'sqlsel[images]'

    Example: sqlsel metadata photos --db catalog.duckdb
    """
    from sqlsel.images.work import needs

    needs("images")
    from sqlsel.images.work.image_folder import open_folder
    from sqlsel.images.work.measuring import measure_folder

    place = place_of(told)
    with opened(place) as con:
        folder = open_folder(con, images, name)
        with watched(place) as watching:
            pace = measure_folder(folder, threads=threads, **watching)
        text = (
            "SELECT sample_id, lightly "
            f"FROM {folder.dataset.view} WHERE lightly.width IS NOT NULL ORDER BY encode(sample_id) ASC"
        )
        finish(place, folder.done, pace, lambda: con.sql(text).to_arrow_table())
