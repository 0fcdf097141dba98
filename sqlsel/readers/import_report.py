"""Collects what was left out while data was read, and warnings on what looked odd."""

from __future__ import annotations

from dataclasses import dataclass, field

SHOWN = 20
EXAMPLES = 3


@dataclass(frozen=True)
class Skipped:
    """A file or an entry that was left out, and why."""

    path: str
    reason: str
    is_unmatched: bool = False  # it speaks of no sample; else its content is at fault


@dataclass
class Warned:
    """How often a warning came, and its first examples."""

    count: int = 0
    examples: list[str] = field(default_factory=list)


class Report:
    """Collects what was left out, one by one, and warnings, counted by their text."""

    def __init__(self) -> None:
        self.skipped: list[Skipped] = []
        self.warnings: dict[str, Warned] = {}

    def skip(self, path: str, reason: str, *, is_unmatched: bool = False) -> None:
        """Note that ``path`` is left out for ``reason``; ``is_unmatched``: because it matches no sample."""
        self.skipped.append(Skipped(path, reason, is_unmatched))

    def warn(self, kind: str, example: str, count: int = 1) -> None:
        """Count a warning ``count`` times; the first three examples are stored."""
        warned = self.warnings.setdefault(kind, Warned())
        warned.count += count
        if len(warned.examples) < EXAMPLES:
            warned.examples.append(example)

    def add(self, other: Report) -> None:
        """Append everything that ``other`` collected."""
        self.skipped += other.skipped
        for kind, warned in other.warnings.items():
            own = self.warnings.setdefault(kind, Warned())
            own.count += warned.count
            own.examples = (own.examples + warned.examples)[:EXAMPLES]

    def lines(self, *, every: bool = False) -> list[str]:
        """The report as lines to print; at most twenty skipped files, unless ``every``."""
        lines = [f"left out: {printable(s.path)}: {printable(s.reason)}" for s in self.skipped]
        if len(lines) > SHOWN and not every:
            lines[SHOWN:] = [f"left out: {len(lines) - SHOWN:,} more; -v lists them"]
        for kind, warned in self.warnings.items():
            more = ", …" if warned.count > len(warned.examples) else ""
            examples = "; ".join(printable(example) for example in warned.examples)
            lines.append(f"warning: {kind} ({warned.count:,}): {examples}{more}")
        return lines


def printable(text: str) -> str:
    """The text with control characters as escapes: file names come from anywhere, and a terminal would obey them."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
