"""Reads ``relevant_filenames.txt``, a filter of file names: one path, or a prefix with ``*``, per line."""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path

from sqlsel.errors import ConfigError
from sqlsel.readers.frames import frame_of
from sqlsel.readers.import_report import Report
from sqlsel.readers.paths import check_relative
from sqlsel.readers.strict import Fault, read_bytes

_LARGEST = 2**30


class RelevantFiles:
    """The paths and prefixes of the file; notes which of them matched."""

    def __init__(self, path: Path) -> None:
        self._names: dict[str, int] = {}
        self._prefixes: dict[str, int] = {}
        for number, line in enumerate(_lines(path), 1):
            if line:
                self._add(line, number, path)
        self._sorted = _shortest(self._prefixes)
        self._matched: set[str] = set()

    def _add(self, line: str, number: int, path: Path) -> None:
        """Add a line; ConfigError with its number where it is not valid."""
        name, star = line.removesuffix("*"), line.endswith("*")
        try:
            if "*" in name:
                raise Fault("'*' may stand at the end only")
            if name or not star:
                check_relative(name.removesuffix("/"))
        except Fault as fault:
            raise ConfigError(f"{path}:{number}: {fault}") from fault
        # The first line counts where one is there twice: warnings name it.
        if star:
            self._prefixes.setdefault(name, number)
        else:
            self._names.setdefault(name.removesuffix("/"), number)

    def includes(self, name: str) -> bool:
        """Whether the file, its video or a folder above it is listed, or it begins with a listed prefix."""
        names = _with_folders(name)
        if one := frame_of(name):
            names.append(one.video)
        matches = [part for part in names if part in self._names]
        at = bisect_right(self._sorted, name) - 1
        if at >= 0 and name.startswith(self._sorted[at]):
            matches.append(f"{self._sorted[at]}*")
        self._matched.update(matches)
        return bool(matches)

    def report_missing(self, path: Path, report: Report) -> None:
        """Warn of lines that matched no file."""
        lines = [(n, name) for name, n in self._names.items() if name not in self._matched]
        lines += [
            (self._prefixes[p], f"{p}*") for p in self._sorted if f"{p}*" not in self._matched
        ]
        for number, name in sorted(lines):
            report.warn(f"{path}: no file of this name", f"line {number}: {name}")


def _lines(path: Path) -> list[str]:
    """The lines of the file; ConfigError where it cannot be read."""
    try:
        text = read_bytes(path, largest=_LARGEST).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8: byte {error.start}") from error
    except Fault as fault:
        raise ConfigError(f"{path}: {fault}") from fault
    return [line.removesuffix("\r") for line in text.split("\n")]


def _shortest(prefixes: dict[str, int]) -> list[str]:
    """The prefixes in order, without those that begin with another one; so a bisection finds the only candidate."""
    shortest: list[str] = []
    for prefix in sorted(prefixes):
        if not shortest or not prefix.startswith(shortest[-1]):
            shortest.append(prefix)
    return shortest


def _with_folders(name: str) -> list[str]:
    """The name, and the path of every folder above it."""
    parts = name.split("/")
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]
