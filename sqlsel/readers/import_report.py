"""What was left out while data was read, and what looked odd but was kept."""

from __future__ import annotations

from dataclasses import dataclass, field

SHOWN = 20
EXAMPLES = 3


@dataclass(frozen=True)
class Skipped:
    """One thing that was left out, and why."""

    path: str
    reason: str
    is_stranger: bool = False  # it speaks of no sample; else its content is at fault


@dataclass
class Warned:
    """How often a warning came, and where the first times."""

    count: int = 0
    examples: list[str] = field(default_factory=list)


class Report:
    """Collects what was skipped, one by one, and warnings, counted by kind."""

    def __init__(self) -> None:
        self.skipped: list[Skipped] = []
        self.warnings: dict[str, Warned] = {}

    def skip(self, path: str, reason: str, *, is_stranger: bool = False) -> None:
        """``path`` is left out because of ``reason``; ``is_stranger``: it belongs to no sample."""
        self.skipped.append(Skipped(path, reason, is_stranger))

    def warn(self, kind: str, example: str, count: int = 1) -> None:
        """Something of this kind was seen ``count`` times; the first three examples are kept."""
        warned = self.warnings.setdefault(kind, Warned())
        warned.count += count
        if len(warned.examples) < EXAMPLES:
            warned.examples.append(example)

    def add(self, other: Report) -> None:
        """Everything that ``other`` collected, after what is here."""
        self.skipped += other.skipped
        for kind, warned in other.warnings.items():
            mine = self.warnings.setdefault(kind, Warned())
            mine.count += warned.count
            mine.examples = (mine.examples + warned.examples)[:EXAMPLES]

    def lines(self, *, every: bool = False) -> list[str]:
        """The report as lines to print; of many skipped files the first twenty, unless ``every``."""
        told = [f"left out: {printable(s.path)}: {printable(s.reason)}" for s in self.skipped]
        if len(told) > SHOWN and not every:
            told[SHOWN:] = [f"left out: {len(told) - SHOWN:,} more; -v lists them"]
        for kind, warned in self.warnings.items():
            more = ", …" if warned.count > len(warned.examples) else ""
            examples = "; ".join(printable(example) for example in warned.examples)
            told.append(f"warning: {kind} ({warned.count:,}): {examples}{more}")
        return told


def printable(text: str) -> str:
    """The text without characters that a terminal or a log would obey."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
