"""SQL put together of pieces of the user's text and of generated ones; it knows which is which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlsel.clause.parsed import Expression


@dataclass(frozen=True)
class Segment:
    """``length`` characters at ``start`` of the result that are those at ``original`` of the user's text."""

    start: int
    original: int
    length: int


class Text:
    """Pieces of SQL in their order; each method appends one and returns ``self``, so calls can be chained."""

    def __init__(self, original: str) -> None:
        self._original = original
        self._parts: list[tuple[str, int | None]] = []

    def own(self, start: int, end: int) -> Text:
        """A piece of the user's text."""
        if end > start:
            self._parts.append((self._original[start:end], start))
        return self

    def expression(self, expression: Expression) -> Text:
        """An expression of the user's."""
        return self.own(expression.start, expression.start + len(expression.text))

    def new(self, text: str) -> Text:
        """A generated piece."""
        self._parts.append((text, None))
        return self

    def add(self, other: Text) -> Text:
        """The pieces of another text."""
        self._parts += other._parts
        return self

    def without_first_comma(self) -> Text:
        """The same pieces; the first one, a generated one, begins without its comma."""
        result = Text(self._original)
        if self._parts:
            (first, start), *rest = self._parts
            result._parts = [(first.removeprefix(","), start), *rest]
        return result

    def __str__(self) -> str:
        return "".join(part for part, _ in self._parts)

    def segments(self) -> tuple[Segment, ...]:
        """For each piece of the user's text its place in the result."""
        segments, at = [], 0
        for part, start in self._parts:
            if start is not None:
                segments.append(Segment(at, start, len(part)))
            at += len(part)
        return tuple(segments)


def chained(new: Sequence[Segment], old: Sequence[Segment]) -> tuple[Segment, ...]:
    """The segments of two rewritings in a row: ``new`` leads to the text that ``old`` leads to the first."""
    overlaps = [_overlap(segment, before) for segment in new for before in old]
    return tuple(segment for segment in overlaps if segment.length > 0)


def _overlap(segment: Segment, before: Segment) -> Segment:
    """The part of ``segment`` that lies in ``before``, with its place in the first text; length ≤ 0 for none."""
    start = max(segment.original, before.start)
    end = min(segment.original + segment.length, before.start + before.length)
    return Segment(
        segment.start + start - segment.original,
        before.original + start - before.start,
        end - start,
    )
