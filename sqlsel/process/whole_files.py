"""Files that are written whole or not at all: beside their place first, then moved there.

Only regular files are ever replaced. Symbolic links are followed, pipes and character devices are
written into as the streams that they are, and all else (folders, block devices, sockets) is refused.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sqlsel.errors import CatalogError

_STANDARD = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_NUMBERED = re.compile(rf"/(?:dev|proc/self|proc/{os.getpid()})/fd/(\d+)")
_MOST_LINKS = 40  # as Linux has it
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EACCES}


def check_target(path: Path, *, replace: bool) -> None:
    """FileExistsError where a file would have to be replaced, CatalogError where none can be written."""
    mode = _mode(path)
    if mode is None:
        parent = Path(os.path.realpath(path)).parent
        if not parent.is_dir():
            raise CatalogError(f"{parent if path.is_symlink() else path.parent}: no such folder")
    elif stat.S_ISREG(mode) and not replace and descriptor_of(path) is None:
        raise FileExistsError(errno.EEXIST, "exists", str(path))
    elif reason := _unfit(mode):
        raise CatalogError(f"{path}: {reason}")


def is_stream(path: Path) -> bool:
    """Whether what is written there goes on to somebody: a pipe, a terminal, an open descriptor."""
    if descriptor_of(path) is not None:
        return True
    mode = _mode(path)
    return mode is not None and (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode))


@contextmanager
def whole_file(path: Path, *, replace: bool, sync: bool = True) -> Iterator[BinaryIO]:
    """A binary file that is at ``path`` once all of it is written, and never in part.

    What is there is replaced only if ``replace``, else FileExistsError: of two writers one wins. A
    stream (``is_stream``) gets the bytes as they come. Without ``sync`` a file may be lost, or
    empty, after a loss of power.
    """
    if is_stream(path):
        with _stream(path) as file:
            yield file
        return
    target = Path(os.path.realpath(path))
    number, name = tempfile.mkstemp(
        prefix=f".{target.name[:100]}.", suffix=".tmp", dir=target.parent
    )
    temporary = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            yield file
            file.flush()
            os.fchmod(file.fileno(), _permissions(target))
            if sync:
                os.fsync(file.fileno())
        _place(temporary, target, replace=replace)
    finally:
        temporary.unlink(missing_ok=True)


def descriptor_of(path: Path) -> int | None:
    """The number of the open descriptor behind a name such as /dev/stdout.

    To open the name would begin its file anew, and forget where others write who share it.
    """
    for _ in range(_MOST_LINKS):
        name = os.path.normpath(path.absolute())
        if name in _STANDARD:
            return _STANDARD[name]
        if found := _NUMBERED.fullmatch(name):
            return int(found[1])
        if not path.is_symlink():
            return None
        path = path.parent / path.readlink()
    return None


def _mode(path: Path) -> int | None:
    """Kind and permissions of what is there, links followed; None where there is nothing."""
    number = descriptor_of(path)
    try:
        return path.stat().st_mode if number is None else os.fstat(number).st_mode
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CatalogError(f"{path}: {error.strerror or error}") from None


def _unfit(mode: int) -> str | None:
    """Why a file of this kind is neither replaced nor written into."""
    if stat.S_ISDIR(mode):
        return "is a folder; give the name of a file in it"
    if stat.S_ISBLK(mode) or stat.S_ISSOCK(mode):
        kind = "a device" if stat.S_ISBLK(mode) else "a socket"
        return f"is {kind}; only regular files are replaced"
    return None


@contextmanager
def _stream(path: Path) -> Iterator[BinaryIO]:
    number = descriptor_of(path)
    opened = os.open(path, os.O_WRONLY | os.O_NOCTTY) if number is None else os.dup(number)
    with os.fdopen(opened, "wb") as file:
        mode = os.fstat(opened).st_mode
        if number is None and not (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)):
            raise CatalogError(f"{path}: has become another kind of file")
        yield file


def _permissions(target: Path) -> int:
    """Those of the file that is replaced, else what the process gives to new files."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _place(temporary: Path, target: Path, *, replace: bool) -> None:
    if replace:
        try:
            mode = target.lstat().st_mode
        except FileNotFoundError:
            mode = stat.S_IFREG
        if not stat.S_ISREG(mode):
            raise CatalogError(f"{target}: is no regular file, so it is not replaced")
        temporary.replace(target)
        return
    try:
        os.link(temporary, target)  # of all ways to move a file the one that never replaces another
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL))  # the name is ours now
        temporary.replace(target)
