"""Lists the files of a folder as an Arrow table: the samples of a dataset, or the files of one kind."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from sqlsel.errors import InvalidInput
from sqlsel.readers.frames import frame_of, is_image, is_video
from sqlsel.readers.import_report import Report
from sqlsel.readers.paths import Below
from sqlsel.readers.relevant import RelevantFiles

HIDDEN = ".lightly"

Entry = tuple[str, int, int]  # path below the folder, bytes, nanoseconds
Row = tuple[str, int | None, int, str | None, int | None]

FILES = pa.schema([("path", pa.string()), ("size", pa.int64()), ("modified", pa.int64())])
SAMPLES = pa.schema(
    [
        ("file_name", pa.string()),
        ("size", pa.int64()),
        ("modified", pa.int64()),
        ("sequence", pa.string()),
        ("frame", pa.int32()),
    ]
)


def list_samples(
    root: Path, report: Report, *, relevant: Path | None = None, frames: Iterable[str] = ()
) -> pa.Table:
    """The images below ``root``, and the ``frames`` whose video is there, sorted by name.

    A frame without an image file has no size, and the time of its video. ``relevant``: a file with one
    path, or a prefix and ``*``, per line; other images are left out.
    """
    if not root.is_dir():
        raise InvalidInput(f"{root}: there is no such folder")
    rows, videos = _images_and_videos(root, report)
    rows += _frames(frames, {row[0] for row in rows}, videos)
    if relevant is not None:
        relevant_files = RelevantFiles(relevant)
        rows = [row for row in rows if relevant_files.includes(row[0])]
        relevant_files.report_missing(relevant, report)
    return _table(rows, SAMPLES)


def list_files(folder: Path, suffix: str, report: Report | None = None) -> pa.Table:
    """path, size and modified of each file below ``folder`` with this suffix; no rows where there is no folder."""
    if not folder.is_dir():
        return _table([], FILES)
    files = _walk(folder, report if report is not None else Report())
    return _table([row for row in files if row[0].endswith(suffix)], FILES)


def _images_and_videos(root: Path, report: Report) -> tuple[list[Row], dict[str, int]]:
    """The images as rows, and the time of change of each video."""
    rows: list[Row] = []
    videos: dict[str, int] = {}
    for name, size, modified in _walk(root, report, hidden=HIDDEN):
        if is_image(name):
            rows.append((name, size, modified, *_video_and_number(name)))
        elif is_video(name):
            videos[name] = modified
    return rows, videos


def _frames(names: Iterable[str], files: set[str], videos: dict[str, int]) -> Iterator[Row]:
    """A row for each frame of an existing video, unless the frame has a file itself."""
    for name in dict.fromkeys(names):
        sequence, number = _video_and_number(name)
        if sequence in videos and name not in files:
            yield name, None, videos[sequence], sequence, number


def _video_and_number(name: str) -> tuple[str, int] | tuple[None, None]:
    """Video and number of a frame by its name; None for other images."""
    one = frame_of(name)
    return (one.video, one.number) if one else (None, None)


def _table(rows: list[Row] | list[Entry], schema: pa.Schema) -> pa.Table:
    """The rows as a table, sorted by name."""
    # Python orders texts by code points, which is the order of their bytes in UTF-8.
    columns = list(zip(*sorted(rows, key=lambda row: row[0]), strict=True))
    columns = columns or [()] * len(schema)
    arrays = [pa.array(c, field.type) for c, field in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)


def _walk(root: Path, report: Report, *, hidden: str = "") -> Iterator[Entry]:
    """(path, bytes, nanoseconds) of every regular file below ``root``; folders named ``hidden`` are left out.

    Links to folders are not followed: inside of ``root`` their files are listed anyway, and files outside
    of it do not belong to the dataset.
    """
    below = Below(root)
    folders = [""]
    while folders:
        folder = folders.pop()
        for name, entry in _entries(root, folder, hidden, report):
            if entry.is_dir(follow_symlinks=False):  # a link could lead round in a circle
                folders.append(f"{name}/")
                continue
            try:
                if reason := _why_skipped(entry, below):
                    report.skip(name, reason)
                    continue
                status = entry.stat()
            except OSError as error:
                report.skip(name, f"cannot be read: {error.strerror}")
                continue
            yield name, status.st_size, status.st_mtime_ns


def _entries(
    root: Path, above: str, hidden: str, report: Report
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """The entries of one folder with their paths below ``root``; unreadable folders and names are reported."""
    try:
        entries = list(os.scandir(root / above))
    except OSError as error:
        report.skip(above, f"cannot be read: {error.strerror}")
        return
    for entry in entries:
        name = f"{above}{entry.name}"
        if not _is_text(name):
            report.skip(ascii(name), "the name is not UTF-8")
        elif entry.name != hidden:
            yield name, entry


def _is_text(name: str) -> bool:
    """Whether the name is valid Unicode; Python represents other bytes of file names by surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _why_skipped(entry: os.DirEntry[str], below: Below) -> str | None:
    """The reason for leaving out an entry that is no folder; None for a regular file."""
    if entry.is_symlink():
        if not below.holds(os.path.realpath(entry.path)):
            return "is a link that leads out of the folder"
        if entry.is_dir():
            return "is a link to a folder; its files are listed where they are"
        return None if entry.is_file() else "is a link to nothing"
    return None if entry.is_file() else "is no regular file"
