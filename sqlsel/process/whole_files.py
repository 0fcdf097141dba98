"""Atomic writing of files: into a temporary file in the same folder, which is then renamed.

Only regular files are ever replaced. Symbolic links are followed, pipes and character devices are
written to as streams, and all else (folders, block devices, sockets) is refused.
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
    """FileExistsError for an existing file without ``replace``, CatalogError where no file can be written."""
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
    """Whether bytes written to ``path`` cannot be taken back: a pipe, a terminal, an open descriptor."""
    if descriptor_of(path) is not None:
        return True
    mode = _mode(path)
    return mode is not None and (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode))


@contextmanager
def whole_file(path: Path, *, replace: bool, sync: bool = True) -> Iterator[BinaryIO]:
    """A binary file that appears at ``path`` when the block ends without an error, and never in part.

    An existing file is replaced only if ``replace``, else FileExistsError: of two writers one wins. A
    stream (``is_stream``) gets the bytes at once. Without ``sync`` the file may be missing or empty
    after a loss of power.
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

    It is duplicated rather than opened by name: opening would truncate a file, and begin at its start
    instead of where the other programs that share the descriptor are.
    """
    for _ in range(_MOST_LINKS):
        name = os.path.normpath(path.absolute())
        if name in _STANDARD:
            return _STANDARD[name]
        if number := _NUMBERED.fullmatch(name):
            return int(number[1])
        if not path.is_symlink():
            return None
        path = path.parent / path.readlink()
    return None


def _mode(path: Path) -> int | None:
    """``st_mode`` (kind and permissions) of ``path``, links followed; None if it does not exist."""
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
    """The pipe, device or descriptor at ``path``, opened for writing; CatalogError if it is none any more."""
    number = descriptor_of(path)
    opened = os.open(path, os.O_WRONLY | os.O_NOCTTY) if number is None else os.dup(number)
    with os.fdopen(opened, "wb") as file:
        mode = os.fstat(opened).st_mode
        if number is None and not (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)):
            raise CatalogError(f"{path}: has become another kind of file")
        yield file


def _permissions(target: Path) -> int:
    """The mode of the file that is replaced; without one 0o666 less the umask, as of any new file."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _place(temporary: Path, target: Path, *, replace: bool) -> None:
    """Rename ``temporary`` to ``target``; FileExistsError if it exists and is not to be replaced."""
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
        os.link(
            temporary, target
        )  # rename() would replace a file that came meanwhile; link() never
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        # A file system without hard links: an empty file, created by us alone, reserves the name.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        temporary.replace(target)
