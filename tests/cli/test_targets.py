"""What -o and --force write into, replace and refuse: only regular files are ever replaced."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image

from sqlsel.errors import CatalogError
from sqlsel.process.whole_files import check_target, whole_file
from tests.programs import called

ONE = "SELECT 1 AS a"
NUMBERS = "a\n1\n"


STDOUT = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]
INTO_EACH = f"""
from sqlsel.cli import main
from sqlsel.cli.main import _run
codes = [_run(["sql", {ONE!r}, "-o", name], debug=False) for name in {STDOUT!r}]
main(["sql", {ONE!r}, "-o", {STDOUT[0]!r}]) if codes == [0, 0, 0] else print(codes)
"""


def test_a_pipe_gets_the_rows_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe, heard = tmp_path / "pipe", []
    os.mkfifo(pipe)
    for form in ("csv", "parquet"):
        listener = threading.Thread(target=lambda: heard.append(pipe.read_bytes()))
        listener.start()
        done = called("sql", ONE, "-o", pipe, "--format", form, "--force")
        listener.join()
        assert (done.returncode, done.stderr) == (0, "")
        assert stat.S_ISFIFO(pipe.lstat().st_mode)
    assert heard[0] == NUMBERS.encode()
    assert heard[1][-4:] == b"PAR1"


def test_the_names_of_stdout_are_stdout(tmp_path: Path) -> None:
    """One program writes to each name in turn, and to the first once more as its last act."""
    program, into = [sys.executable, "-c", INTO_EACH], tmp_path / "log.txt"
    into.write_text("before\n")
    with into.open("a") as log:
        subprocess.run(program, stdout=log, check=True)
    assert into.read_text() == "before\n" + 4 * NUMBERS  # it is not begun anew
    assert (
        subprocess.run(program, stdout=subprocess.PIPE, text=True, check=True).stdout == 4 * NUMBERS
    )


def test_devices_stay_devices(tmp_path: Path) -> None:
    device = tmp_path / "null"
    try:
        os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        device.open("wb").close()
    except OSError as error:
        pytest.skip(f"no devices can be made here: {error}")
    for more in ([], ["--force"]):
        assert called("sql", ONE, "-o", device, *more).returncode == 0
        assert stat.S_ISCHR(device.lstat().st_mode)


def test_block_devices_sockets_and_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(tmp_path / "s.csv"))
    names = {"folder.csv": "is a folder", "s.csv": "is a socket"}
    if os.geteuid() == 0:
        try:
            os.mknod(tmp_path / "d.csv", stat.S_IFBLK | 0o600, os.makedev(7, 99))
            names["d.csv"] = "is a device"
        except PermissionError:
            pass
    for name, why in names.items():
        before = (tmp_path / name).lstat()
        done = called("sql", ONE, "-o", tmp_path / name, "--force")
        assert (done.returncode, why in done.stderr) == (1, True), done.stderr
        assert (tmp_path / name).lstat().st_mode == before.st_mode


def test_a_link_is_followed_to_its_file(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")
    (tmp_path / "new.csv").symlink_to("later.csv")
    refused = called("sql", ONE, "-o", tmp_path / "link.csv")
    assert (refused.returncode, "exists; --force replaces it" in refused.stderr) == (2, True)
    for link, real in (("link.csv", "real.csv"), ("new.csv", "later.csv")):
        assert called("sql", ONE, "-o", tmp_path / link, "--force").returncode == 0
        assert (tmp_path / link).is_symlink()
        assert (tmp_path / real).read_text() == NUMBERS
    (tmp_path / "away.csv").symlink_to("nowhere/x.csv")
    assert "no such folder" in called("sql", ONE, "-o", tmp_path / "away.csv").stderr


def test_of_two_writers_one_wins(tmp_path: Path) -> None:
    path = tmp_path / "picks.csv"
    check_target(path, replace=False)

    def late() -> None:
        with whole_file(path, replace=False) as file:
            file.write(b"late")
            with whole_file(path, replace=False) as early:
                early.write(b"early")

    with pytest.raises(FileExistsError):
        late()
    assert path.read_bytes() == b"early"
    assert [file.name for file in tmp_path.iterdir()] == ["picks.csv"]


def test_what_became_no_regular_file_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "picks.csv"

    def write() -> None:
        with whole_file(path, replace=True) as file:
            file.write(b"rows")
            os.mkfifo(path)

    with pytest.raises(CatalogError, match="no regular file"):
        write()
    assert stat.S_ISFIFO(path.lstat().st_mode)


def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "picks.csv"
    path.write_text("old")
    path.chmod(0o600)
    with whole_file(path, replace=True) as file:
        file.write(b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o600)


def test_a_dataset_as_parquet_never_replaces_a_folder_of_another_kind(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    Image.new("RGB", (9, 9)).save(photos / "a.png")
    refused = called("import", "lightly", photos, "-o", tmp_path)
    assert (refused.returncode, "which holds a.png" in refused.stderr) == (1, True), refused.stderr
    assert [file.name for file in photos.iterdir()] == ["a.png"]
    for _ in range(2):  # what sqlsel has made it replaces
        done = called("import", "lightly", photos, "-o", tmp_path, "--name", "shop")
        assert done.returncode == 0, done.stderr
        Image.new("RGB", (9, 9)).save(photos / "b.png")
    assert pq.read_table(tmp_path / "shop" / "samples.parquet").num_rows == 2
    (tmp_path / "shop" / "notes.txt").write_text("mine")
    refused = called("import", "lightly", photos, "-o", tmp_path, "--name", "shop")
    assert "which holds notes.txt" in refused.stderr
    (tmp_path / "linked").symlink_to("shop")
    refused = called("import", "lightly", photos, "-o", tmp_path, "--name", "linked")
    assert "is no folder" in refused.stderr


def test_crops_replace_no_link_beside_them(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    (tmp_path / ".a.png.tmp").symlink_to(mine)
    with whole_file(tmp_path / "a.png", replace=True) as file:
        file.write(b"picture")
    assert mine.read_text() == "mine"


def test_a_flipped_bit_in_vectors_that_sqlsel_wrote_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "v.parquet"
    vectors = (
        "SELECT i AS id, [sin(i), cos(i), sin(2 * i)]::FLOAT[3] AS embedding FROM range(4000) r(i)"
    )
    assert called("sql", vectors, "-o", path).returncode == 0
    whole = path.read_bytes()
    told = ["import", "vectors", path, "--db", tmp_path / "c.duckdb"]
    assert called(*told).returncode == 0
    path.write_bytes(
        whole[: len(whole) // 2]
        + bytes([whole[len(whole) // 2] ^ 1])
        + whole[len(whole) // 2 + 1 :]
    )
    done = called(*told)
    assert (done.returncode, f"{path}: is damaged" in done.stderr) == (1, True), done.stderr
