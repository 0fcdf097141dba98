"""Samples and files of a folder: order, links, hidden folders, frames, relevant names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sqlsel.errors import ConfigError, InvalidInput
from sqlsel.readers import Report
from sqlsel.readers.folder_files import list_files, list_samples
from sqlsel.readers.frames import Frame, frame_names, frame_of


def made(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")
    return root


def names_of(root: Path, report: Report | None = None, **options: object) -> list[str]:
    return list_samples(root, report or Report(), **options)["file_name"].to_pylist()


def test_images_are_listed_in_the_order_of_their_bytes(tmp_path: Path) -> None:
    made(tmp_path, "b/x.PNG", "a.jpg", "b.webp", "é.bmp", "Z.gif", "\U0001f600.tiff", "\uffee.tif")
    made(tmp_path, "notes.txt", "png", ".lightly/in.png", "sub/.lightly/in.png", "v.mp4")
    expected = ["Z.gif", "a.jpg", "b.webp", "b/x.PNG", "é.bmp", "\uffee.tif", "\U0001f600.tiff"]
    assert names_of(tmp_path) == expected == sorted(expected, key=str.encode)


def test_size_and_time_of_a_file_and_its_place_in_a_video(tmp_path: Path) -> None:
    made(tmp_path, "a.png", "d/v-012-mov.png")
    os.utime(tmp_path / "a.png", ns=(1, 1_700_000_000_123_456_789))
    one, two = list_samples(tmp_path, Report()).to_pylist()
    assert one == {
        "file_name": "a.png",
        "size": 5,
        "modified": 1_700_000_000_123_456_789,
        "sequence": None,
        "frame": None,
    }
    assert (two["sequence"], two["frame"]) == ("d/v.mov", 12)


def test_frames_are_samples_where_the_video_is_there(tmp_path: Path) -> None:
    made(tmp_path, "d/v.mp4", "d/v-2-mp4.png")
    os.utime(tmp_path / "d/v.mp4", ns=(7, 7))
    named = ["d/v-1-mp4.png", "d/v-1-mp4.png", "d/v-2-mp4.png", "d/w-1-mp4.png", "d/x.png"]
    rows = list_samples(tmp_path, Report(), frames=named).to_pylist()
    assert [(r["file_name"], r["size"], r["sequence"], r["frame"]) for r in rows] == [
        ("d/v-1-mp4.png", None, "d/v.mp4", 1),
        ("d/v-2-mp4.png", 5, "d/v.mp4", 2),
    ]
    assert rows[0]["modified"] == 7


def test_names_of_frames() -> None:
    assert frame_of("drive/video-1-007-mp4.png") == Frame("drive/video-1.mp4", 7)
    assert frame_of("v-9-WEBM.jpg") == Frame("v.WEBM", 9)
    for name in ("v-x-mp4.png", "v-7-mp4.txt", "-7-mp4.png", "v-7.png", "a/-7-mp4.png"):
        assert frame_of(name) is None
    assert frame_names(["d/v-07-mp4.json", "a.json", "schema.json"]) == ["d/v-07-mp4.png"]


def test_hostile_entries_are_left_out(tmp_path: Path) -> None:
    root = made(tmp_path / "root", "a.png", "inside/b.png")
    outside = made(tmp_path / "outside", "c.png")
    (root / "out.png").symlink_to(outside / "c.png")
    (root / "out").symlink_to(outside)
    (root / "again").symlink_to(root)
    (root / "same.png").symlink_to(root / "a.png")
    (root / "gone.png").symlink_to(root / "gone")
    (root / "loop.png").symlink_to(root / "loop.png")
    (root / "zero.png").symlink_to("/dev/zero")
    os.mkfifo(root / "pipe.png")
    (root / os.fsdecode(b"\xff.png")).write_bytes(b"")
    report = Report()
    assert names_of(root, report) == ["a.png", "inside/b.png", "same.png"]
    told = {skipped.path: skipped.reason for skipped in report.skipped}
    assert told == {
        "out.png": "is a link that leads out of the folder",
        "out": "is a link that leads out of the folder",
        "zero.png": "is a link that leads out of the folder",
        "again": "is a link to a folder; its files are listed where they are",
        "gone.png": "is a link to nothing",
        "loop.png": "cannot be read: Too many levels of symbolic links",
        "pipe.png": "is no regular file",
        "'\\udcff.png'": "the name is not UTF-8",
    }
    assert all(line.isprintable() for line in report.lines())


def test_a_folder_that_is_a_link_itself_is_read(tmp_path: Path) -> None:
    made(tmp_path / "root", "a.png")
    (tmp_path / "link").symlink_to(tmp_path / "root")
    assert names_of(tmp_path / "link") == ["a.png"]
    with pytest.raises(InvalidInput, match=r"none: there is no such folder"):
        names_of(tmp_path / "none")


def test_relevant_names_prefixes_and_folders(tmp_path: Path) -> None:
    root = made(
        tmp_path / "root", "a.png", "ab.png", "b/1.png", "b/2.png", "bc/1.png", "v.mp4", "x/y/z.png"
    )
    relevant = tmp_path / "relevant_filenames.txt"
    relevant.write_text(
        "\ufeffa.png\r\nb\n\nbc/*\nv-0*\nx*\nx/y*\nnone.png\nq*\n", encoding="utf-8"
    )
    report = Report()
    found = names_of(root, report, relevant=relevant, frames=["v-01-mp4.png", "v-11-mp4.png"])
    assert found == ["a.png", "b/1.png", "b/2.png", "bc/1.png", "v-01-mp4.png", "x/y/z.png"]
    assert report.lines() == [
        f"warning: {relevant}: no file of this name (2): line 8: none.png; line 9: q*"
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("./a.png", "'./a.png' must be a path below the folder, without . or .."),
        ("../a.png", "'../a.png' must be a path below the folder, without . or .."),
        ("a/../b*", "'a/../b' must be a path below the folder, without . or .."),
        ("/a.png", "'/a.png' is an absolute path; it must be relative to the folder"),
        ("a*b", "'*' may stand at the end only"),
    ],
)
def test_a_bad_line_is_an_error_with_its_number(tmp_path: Path, line: str, message: str) -> None:
    relevant = tmp_path / "relevant.txt"
    relevant.write_text(f"a.png\n{line}\n")
    with pytest.raises(ConfigError) as caught:
        names_of(tmp_path, relevant=relevant)
    assert str(caught.value) == f"{relevant}:2: {message}"


def test_files_of_one_kind(tmp_path: Path) -> None:
    made(tmp_path, "b/1.json", "a.json", "c.txt")
    rows = list_files(tmp_path, ".json").to_pylist()
    assert [(row["path"], row["size"]) for row in rows] == [("a.json", 5), ("b/1.json", 5)]
    assert list_files(tmp_path / "none", ".json").num_rows == 0


def test_a_long_report_is_cut() -> None:
    report = Report()
    for number in range(25):
        report.skip(f"{number}\x1b[31m.png", "line\nbreak")
    assert report.lines()[0] == "left out: 0\\x1b[31m.png: line\\nbreak"
    assert report.lines()[20:] == ["left out: 5 more; -v lists them"]
