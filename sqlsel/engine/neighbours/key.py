"""A secret key of this user, with which sqlsel signs files that it will trust later."""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

_LENGTH = 32


def own_key() -> bytes | None:
    """32 random bytes in ``$XDG_STATE_HOME/sqlsel/key`` (``~/.local/state``), made on first use.

    None if it cannot be made, or if its permissions let other users read or write it.
    """
    try:
        path = _place()
        if not path.exists():
            _make(path)
        return _read(path)
    except (OSError, RuntimeError):  # RuntimeError: there is no home
        return None


def _place() -> Path:
    state_home = os.environ.get("XDG_STATE_HOME", "")
    state = Path(state_home) if Path(state_home).is_absolute() else Path.home() / ".local" / "state"
    return state / "sqlsel" / "key"


def _read(path: Path) -> bytes | None:
    """The key of a regular file that only this user can access; None for any other file."""
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(number, "rb") as file:
        about = os.fstat(number)
        private = stat.S_ISREG(about.st_mode) and not about.st_mode & 0o077
        key = file.read(_LENGTH + 1) if private and about.st_uid == os.geteuid() else b""
    return key if len(key) == _LENGTH else None


def _make(path: Path) -> None:
    """Write a new key atomically; one that another process has made meanwhile is not replaced."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, temporary = tempfile.mkstemp(prefix=".key.", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(secrets.token_bytes(_LENGTH))
            file.flush()
            os.fsync(number)
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
