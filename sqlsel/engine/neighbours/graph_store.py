"""Graphs stored in a folder, each as ``<name>.hnsw`` with a sidecar ``<name>.json``.

hnswlib does not check its files: a flipped byte can crash it, or load a wrong graph silently. So it only reads a
private copy whose sha256, computed while copying, is the one in the sidecar, which is signed with this user's key.
A graph that does not pass is treated as missing, and no failure here is an error of the run.
"""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from sqlsel.engine.kernels.exact import Matrix
from sqlsel.engine.neighbours.copies import Poll
from sqlsel.engine.neighbours.graph import Graph
from sqlsel.engine.neighbours.key import own_key
from sqlsel.engine.neighbours.recall import Recall
from sqlsel.engine.neighbours.sidecar import LONGEST, signed, verified

_CHUNK = 1 << 20


@dataclass(frozen=True)
class StoredGraphs:
    """The graphs in a folder, which is made when the first one is stored."""

    folder: Path

    def facts(self, name: str) -> dict[str, Any] | None:
        """The facts in a graph's sidecar; None without a sidecar that is signed with this user's key."""
        key = own_key()
        if key is None or _is_link(self.folder):
            return None
        try:
            with _regular(self.folder / f"{name}.json") as file:
                return verified(file.read(LONGEST + 1), key)
        except OSError:
            return None

    def load(self, name: str, rows: Matrix, described: dict[str, Any], poll: Poll) -> Graph | None:
        """The stored graph of ``rows``, checked; None without one. ``described``: facts that its sidecar must have."""
        facts = self.facts(name)
        if facts is None or any(facts.get(k) != value for k, value in described.items()):
            return None
        try:
            with (
                tempfile.TemporaryDirectory(prefix="sqlsel-") as private,
                _regular(self.folder / f"{name}.hnsw") as file,
            ):
                copy = Path(private) / "graph"
                if os.fstat(file.fileno()).st_size != facts.get("size"):
                    return None
                if _copy_with_digest(file, copy, poll) != facts.get("index_sha256"):
                    return None
                return Graph.load(copy, rows)
        except OSError:
            return None

    def save(
        self, name: str, graph: Graph, described: dict[str, Any], recall: Recall | None
    ) -> bool:
        """Store a graph, replacing the one of this name; False if it was not stored, and then no file is left."""
        key = own_key()
        if key is None:
            return False
        try:
            with self._locked() as free:
                if free:
                    self._write(name, graph, described, recall, key)
                return free
        except OSError:
            with suppress(OSError):
                self.folder.rmdir()  # only where it is empty
            return False

    @contextmanager
    def _locked(self) -> Iterator[bool]:
        """Yields whether this process has the lock on the folder, which it holds until the block ends."""
        if _is_link(self.folder):
            raise OSError(f"{self.folder} is a link")
        self.folder.mkdir(exist_ok=True)
        number = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
        finally:
            os.close(number)

    def _write(
        self,
        name: str,
        graph: Graph,
        described: dict[str, Any],
        recall: Recall | None,
        key: bytes,
    ) -> None:
        """Write both files under temporary names, then rename each; a mixed pair fails the check of sha256."""
        for left in self.folder.glob(".*.tmp"):  # of a process that was killed
            left.unlink(missing_ok=True)
        index, sidecar = (self.folder / f".{name}.{kind}.tmp" for kind in ("hnsw", "json"))
        try:
            graph.save(index)
            size, digest = _synced(index)
            measured = {} if recall is None else {"recall": list(recall)}
            facts = {**described, **measured, "size": size, "index_sha256": digest}
            sidecar.write_bytes(signed(facts, key))
            _synced(sidecar)
            index.replace(self.folder / f"{name}.hnsw")
            sidecar.replace(self.folder / f"{name}.json")
        finally:
            index.unlink(missing_ok=True)
            sidecar.unlink(missing_ok=True)


def _is_link(path: Path) -> bool:
    return path.is_symlink()


@contextmanager
def _regular(path: Path) -> Iterator[BinaryIO]:
    """A regular file, opened for reading; OSError for a link, a pipe or anything else."""
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(number, "rb") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise OSError(f"{path} is no regular file")
        yield file


def _copy_with_digest(file: BinaryIO, target: Path, poll: Poll) -> str:
    """Copy a file; the sha256 of the bytes copied."""
    digest = sha256()
    with target.open("wb") as copy:
        while chunk := file.read(_CHUNK):
            poll()
            digest.update(chunk)
            copy.write(chunk)
    return digest.hexdigest()


def _synced(path: Path) -> tuple[int, str]:
    """Flush a file to disk (fsync); its size and sha256."""
    digest = sha256()
    with path.open("rb") as file:
        os.fsync(file.fileno())
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
        return file.tell(), digest.hexdigest()
