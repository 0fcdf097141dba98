"""The memory limit of the fed columns."""

from __future__ import annotations

import os
import re
from pathlib import Path

from sqlsel.errors import InvalidInput

_UNITS = {
    "": 1,
    "B": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KIB": 2**10,
    "MIB": 2**20,
    "GIB": 2**30,
    "TIB": 2**40,
}


def parse_size(text: str) -> int:
    """``'12 GiB'`` or ``'500MB'`` in bytes; ValueError for anything else."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", text)
    if match is None or match[2].upper() not in _UNITS:
        raise ValueError(f"memory limit {text!r} is no size; write for example '12 GiB'")
    return int(float(match[1]) * _UNITS[match[2].upper()])


def free_memory() -> int:
    """Bytes that the system reports as available (MemAvailable); 4 GiB if it reports none."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return 4 * 2**30


class MemoryBudget:
    """Bytes that one run may use for its columns; asked before anything is allocated.

    ``remedy``: what the user can do where they do not suffice.
    """

    def __init__(
        self,
        limit: int | None = None,
        remedy: str = "narrow with WHERE or USING SAMPLE, or raise memory_limit",
    ) -> None:
        self.limit = limit if limit is not None else int(0.7 * free_memory())
        self._remedy = remedy
        self._used = 0

    def ask(self, rows: int, width: int, size: int, known_rows: int | None) -> None:
        """InvalidInput, with the numbers, if ``rows`` × ``width`` values of ``size`` bytes exceed the limit.

        ``known_rows``: how many there will be at the end; None if that is unknown.
        """
        needed = rows * width * size
        if self._used + needed > self.limit:
            final = max(rows, known_rows or 0)
            count = f"{final:,} × {width}" if width > 1 else f"{final:,}"
            at_least = "" if known_rows else "at least "
            raise InvalidInput(
                f"needs {at_least}{gib(final * width * size)} for {count} floats, "
                f"limit {gib(self.limit)}; {self._remedy}"
            )

    def take(self, count: int) -> None:
        """Add bytes to those in use; negative: subtract."""
        self._used += count


def gib(count: int) -> str:
    """A number of bytes in GiB or MiB, as text."""
    return f"{count / 2**30:.1f} GiB" if count >= 2**29 else f"{count / 2**20:.1f} MiB"
