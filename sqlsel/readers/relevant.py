"""``relevant_filenames.txt``: which files of a folder count; one path, or a prefix with ``*``, a line."""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path

from sqlsel.errors import ConfigError
from sqlsel.readers.frames import frame
from sqlsel.readers.import_report import Report
from sqlsel.readers.paths import check_relative
from sqlsel.readers.strict import Fault, content

_LARGEST = 2**30


class Relevant:
    """The names and prefixes of such a file; knows which of them were met."""

    def __init__(self, path: Path) -> None:
        self._names: dict[str, int] = {}
        self._prefixes: dict[str, int] = {}
        for number, line in enumerate(_lines(path), 1):
            if line:
                self._add(line, number, path)
        self._sorted = _shortest(self._prefixes)
        self._met: set[str] = set()

    def _add(self, line: str, number: int, path: Path) -> None:
        name, star = line.removesuffix("*"), line.endswith("*")
        try:
            if "*" in name:
                raise Fault("'*' may stand at the end only")
            if name or not star:
                check_relative(name.removesuffix("/"))
        except Fault as fault:
            raise ConfigError(f"{path}:{number}: {fault}") from fault
        if star:
            self._prefixes.setdefault(name, number)
        else:
            self._names.setdefault(name.removesuffix("/"), number)

    def wants(self, name: str) -> bool:
        """Whether the file, its video or a folder above is named, or it begins with a prefix."""
        names = _with_folders(name)
        if one := frame(name):
            names.append(one.video)
        found = [part for part in names if part in self._names]
        at = bisect_right(self._sorted, name) - 1
        if at >= 0 and name.startswith(self._sorted[at]):
            found.append(f"{self._sorted[at]}*")
        self._met.update(found)
        return bool(found)

    def report_missing(self, path: Path, report: Report) -> None:
        """Warn of lines that no file answered to."""
        lines = [(n, name) for name, n in self._names.items() if name not in self._met]
        lines += [(self._prefixes[p], f"{p}*") for p in self._sorted if f"{p}*" not in self._met]
        for number, name in sorted(lines):
            report.warn(f"{path}: no file of this name", f"line {number}: {name}")


def _lines(path: Path) -> list[str]:
    try:
        text = content(path, largest=_LARGEST).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8: byte {error.start}") from error
    except Fault as fault:
        raise ConfigError(f"{path}: {fault}") from fault
    return [line.removesuffix("\r") for line in text.split("\n")]


def _shortest(prefixes: dict[str, int]) -> list[str]:
    """The prefixes in order, without those that a shorter one covers."""
    kept: list[str] = []
    for prefix in sorted(prefixes):
        if not kept or not prefix.startswith(kept[-1]):
            kept.append(prefix)
    return kept


def _with_folders(name: str) -> list[str]:
    """The name, and every folder above it."""
    parts = name.split("/")
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]
