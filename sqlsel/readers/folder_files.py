"""The files of a folder, as a table: the samples of a data set, or the files of one kind."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from sqlsel.errors import InvalidInput
from sqlsel.readers.frames import frame, is_image, is_video
from sqlsel.readers.import_report import Report
from sqlsel.readers.paths import Below
from sqlsel.readers.relevant import Relevant

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
    """Images below ``root``, and those ``frames`` whose video is there, in order of their names.

    A frame that is no file of its own has no size, and the time of its video. ``relevant`` names
    a file with one path, or a prefix and ``*``, per line; what it does not name is left out.
    """
    if not root.is_dir():
        raise InvalidInput(f"{root}: there is no such folder")
    rows, videos = _images_and_videos(root, report)
    rows += _frames(frames, {row[0] for row in rows}, videos)
    if relevant is not None:
        wanted = Relevant(relevant)
        rows = [row for row in rows if wanted.wants(row[0])]
        wanted.report_missing(relevant, report)
    return _table(rows, SAMPLES)


def list_files(folder: Path, suffix: str, report: Report | None = None) -> pa.Table:
    """path, size and modified of each file below ``folder`` with this ending; none, no rows."""
    if not folder.is_dir():
        return _table([], FILES)
    found = _walk(folder, report if report is not None else Report())
    return _table([row for row in found if row[0].endswith(suffix)], FILES)


def _images_and_videos(root: Path, report: Report) -> tuple[list[Row], dict[str, int]]:
    rows: list[Row] = []
    videos: dict[str, int] = {}
    for name, size, modified in _walk(root, report, hidden=HIDDEN):
        if is_image(name):
            rows.append((name, size, modified, *_place(name)))
        elif is_video(name):
            videos[name] = modified
    return rows, videos


def _frames(names: Iterable[str], known: set[str], videos: dict[str, int]) -> Iterator[Row]:
    """A row for each frame of a video that is there, unless the frame is a file itself."""
    for name in dict.fromkeys(names):
        sequence, number = _place(name)
        if sequence in videos and name not in known:
            yield name, None, videos[sequence], sequence, number


def _place(name: str) -> tuple[str, int] | tuple[None, None]:
    one = frame(name)
    return (one.video, one.number) if one else (None, None)


def _table(rows: list[Row] | list[Entry], schema: pa.Schema) -> pa.Table:
    # Python orders texts by code points, which is the order of their bytes in UTF-8.
    columns = list(zip(*sorted(rows, key=lambda row: row[0]), strict=True))
    columns = columns or [()] * len(schema)
    arrays = [pa.array(c, field.type) for c, field in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)


def _walk(root: Path, report: Report, *, hidden: str = "") -> Iterator[Entry]:
    """Every regular file below ``root``; links to folders are not followed.

    The files of a folder that lies below are met there; one that lies elsewhere is none of ours.
    """
    below = Below(root)
    waiting = [""]
    while waiting:
        above = waiting.pop()
        for name, entry in _entries(root, above, hidden, report):
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{name}/")
                continue
            try:
                if reason := _odd(entry, below):
                    report.skip(name, reason)
                    continue
                about = entry.stat()
            except OSError as error:
                report.skip(name, f"cannot be read: {error.strerror}")
                continue
            yield name, about.st_size, about.st_mtime_ns


def _entries(
    root: Path, above: str, hidden: str, report: Report
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """What lies in one folder, by its name below ``root``."""
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
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _odd(entry: os.DirEntry[str], below: Below) -> str | None:
    """Why an entry that is no folder is left out; None for a regular file."""
    if entry.is_symlink():
        if not below.holds(os.path.realpath(entry.path)):
            return "is a link that leads out of the folder"
        if entry.is_dir():
            return "is a link to a folder; its files are listed where they are"
        return None if entry.is_file() else "is a link to nothing"
    return None if entry.is_file() else "is no regular file"
