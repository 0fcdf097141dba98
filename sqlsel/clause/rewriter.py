"""A statement with clauses as one SQL statement that DuckDB runs: begin, feed, finish.

Everything outside the clauses stays as the user wrote it. The inputs of the strategies become columns of the block's own
select list, so that names mean there what they mean everywhere; they are fed to the engine row by row, and the picks
are joined back by the row's number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlsel.clause.find import Clause, find_clauses
from sqlsel.clause.parser import Call, Expression
from sqlsel.clause.pseudo import find_pseudo
from sqlsel.clause.scanner import Token, scan
from sqlsel.clause.words import calls_aggregate, refuse_stars
from sqlsel.queries import query
from sqlsel.quoting import literal


@dataclass(frozen=True)
class Segment:
    """Characters that stand unchanged in the result: from ``original`` on in the user's text."""

    start: int
    original: int
    length: int


@dataclass(frozen=True)
class Rewritten:
    """The statement for DuckDB, and where its verbatim pieces come from."""

    sql: str
    original: str
    clauses: int
    segments: tuple[Segment, ...] = ()

    def original_position(self, position: int) -> int | None:
        """The place in the user's text of a place in ``sql``; None for generated text."""
        for segment in self.segments:
            if segment.start <= position < segment.start + segment.length:
                return segment.original + position - segment.start
        return None


class Text:
    """Text put together of the user's own pieces and of generated ones."""

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
        first, rest = self._parts[0], self._parts[1:]
        result._parts = [(first[0].removeprefix(","), first[1]), *rest]
        return result

    def __str__(self) -> str:
        return "".join(part for part, _ in self._parts)

    def segments(self) -> tuple[Segment, ...]:
        """The user's pieces and where they have come to stand."""
        found, at = [], 0
        for part, start in self._parts:
            if start is not None:
                found.append(Segment(at, start, len(part)))
            at += len(part)
        return tuple(found)


def rewrite(sql: str, run: str = "") -> Rewritten:
    """``sql`` without clauses, ready for DuckDB; the same text where it has none.

    ``run`` is a name by which the caller finds the facts of the run. Raises ClauseError.
    """
    if not find_clauses(sql):
        return Rewritten(sql, sql, 0, (Segment(0, 0, len(sql)),))
    numbered, places = _number_parameters(sql)
    current, origin, count = numbered, places, 0
    while clauses := find_clauses(
        current
    ):  # from the last to the first, so that nothing earlier moves
        text = _replace(current, clauses[-1], run, count)
        origin = [s for s in _chain(text.segments(), origin)]
        current = str(text)
        count += 1
    return Rewritten(current, sql, count, tuple(origin))


def _chain(new: Sequence[Segment], old: Sequence[Segment]) -> list[Segment]:
    """Segments of a text that was made from one that has segments itself."""
    found = []
    for segment in new:
        for before in old:
            start = max(segment.original, before.start)
            end = min(segment.original + segment.length, before.start + before.length)
            if start < end:
                found.append(
                    Segment(
                        segment.start + start - segment.original,
                        before.original + start - before.start,
                        end - start,
                    )
                )
    return found


def _number_parameters(sql: str) -> tuple[str, list[Segment]]:
    """Each ``?`` as ``$1``, ``$2`` … in the order of the text, since inputs move into the select list."""
    text, at, count = Text(sql), 0, 0
    for token in scan(sql):
        if token.kind == "parameter" and token.text == "?":
            count += 1
            text.own(at, token.start).new(f"${count}")
            at = token.end
    text.own(at, len(sql))
    return str(text), list(text.segments())


def _replace(sql: str, clause: Clause, run: str, number: int) -> Text:
    """The text with one clause turned into a query of its own."""
    names = f"__sqlsel_{number}" if number else "__sqlsel"
    body = BlockQuery(sql, clause, names, run).query()
    return Text(sql).own(0, clause.block.start).add(body).own(clause.parsed.end, len(sql))


class BlockQuery:
    """One block and its clause, on the way to the query that replaces them."""

    def __init__(self, sql: str, clause: Clause, names: str, run: str) -> None:
        self.sql, self.clause, self.parsed, self.block = sql, clause, clause.parsed, clause.block
        self.tokens, self.names, self.run = clause.tokens, names, run
        self.pseudo = find_pseudo(sql, self.tokens, self.block.first_list, self.block.end_list)
        self.inputs: list[Expression] = []
        self.slots = [self._slot(call) for call in self.parsed.calls]
        named = [e for name, e in self.parsed.options.items() if name in ("key", "preselected")]
        refuse_stars(sql, [*self.inputs, *named])

    def _slot(self, call: Call) -> int | None:
        """The number of the call's input column; equal expressions are fed once."""
        if call.input is None:
            return None
        for i, known in enumerate(self.inputs):
            if known.text == call.input.text:
                return i
        self.inputs.append(call.input)
        return len(self.inputs) - 1

    # ---- the whole

    def query(self) -> Text:
        """The query that gives the picks of this block in pick order."""
        n, threshold = self.names, bool(self.parsed.thresholds)
        queries = [
            (i, c.options["query"]) for i, c in enumerate(self.parsed.calls) if _is_subquery(c)
        ]
        text = (
            Text(self.sql)
            .new(f"FROM (WITH {n}_t AS MATERIALIZED (SELECT sqlsel_begin(")
            .add(self._spec())
        )
        text.new("::VARCHAR) AS t)")
        for slot, expression in queries:
            text.new(self._part("query_feed").format(n=n, slot=slot + 1, body="\0").split("\0")[0])
            text.expression(expression).new(
                self._part("query_feed").format(n=n, slot=slot + 1, body="\0").split("\0")[1]
            )
        counted = self.parsed.percent and threshold
        if counted:
            text.new(f",\n{n}_b AS MATERIALIZED (").add(self._inner(splice=False, keep=True)).new(
                ")"
            )
            source: Text = Text(self.sql).new(
                f"SELECT * EXCLUDE ({n}_c) FROM {n}_b WHERE coalesce({n}_c, false) OR coalesce({n}_p, false)"
            )
        else:
            source = self._inner(splice=True, keep=False)
        fields = [f"i{i} := {n}_i{i}" for i in range(len(self.inputs))] + [
            f"k := {n}_k",
            f"p := {n}_p",
        ]
        hidden = ", ".join([f"{n}_i{i}" for i in range(len(self.inputs))] + [f"{n}_k", f"{n}_p"])
        head, tail = (
            self._part("feed")
            .format(n=n, hidden=hidden, fields=", ".join(fields), body="\0")
            .split("\0")
        )
        text.new(head).add(source).new(tail)
        total = f"(SELECT count(*) FROM {n}_b)" if counted else "CAST(NULL AS BIGINT)"
        text.new(f",\n{n}_p AS MATERIALIZED (SELECT unnest(sqlsel_finish((SELECT t FROM {n}_t), ")
        text.new(f"(SELECT count({n}_i) FROM {n}_s)")
        text.new(
            "".join(f" + 0 * (SELECT n FROM {n}_q{slot + 1})" for slot, _ in queries) + ", CAST("
        )
        self._constant(text, self.parsed.limit).new(
            f" AS VARCHAR), {literal(self.parsed.percent)}, CAST("
        )
        self._constant(text, self.parsed.offset).new(
            f" AS VARCHAR), {total}), recursive := true))\n"
        )
        return text.new(self._outer())

    def _constant(self, text: Text, expression: Expression | None) -> Text:
        if expression is None:
            return text.new("NULL")
        if len(expression.tokens) == 1 and expression.tokens[0].kind == "number":
            return text.new(literal(expression.text))  # as text: a share is rounded in decimal
        return text.new("(").expression(expression).new(")")

    def _part(self, name: str) -> str:
        return query(f"clause/{name}")

    def _outer(self) -> str:
        n = self.names
        made = ", ".join(
            f"{self._pick_column(p.source)} AS {n}_x{i}" for i, p in enumerate(self.pseudo)
        )
        renamed = ", ".join(f"{n}_x{i} AS {p.alias}" for i, p in enumerate(self.pseudo))
        replace = f" REPLACE ({made})" if made else ""
        return self._part("outer").format(
            n=n, replace=replace, rename=f" RENAME ({renamed})" if renamed else ""
        )

    def _pick_column(self, source: str) -> str:
        """What a pseudo-column shows; the values come as a struct with one field per strategy."""
        if source != "p.vals":
            return source
        names = value_names([call.name for call in self.parsed.calls])
        fields = ", ".join(f"{name} := p.vals[{i + 1}]" for i, name in enumerate(names))
        return f"struct_pack({fields})" if fields else "NULL"

    # ---- the spec

    def _spec(self) -> Text:
        """The clause's options as JSON that DuckDB builds, so that each may be any constant expression."""
        text = Text(self.sql).new("to_json(struct_pack(strategies := [")
        for i, (call, slot) in enumerate(zip(self.parsed.calls, self.slots, strict=True)):
            place = -1 if slot is None else slot
            shown = literal("" if call.input is None else call.input.text)
            text.new(", " if i else "")
            text.new(
                f'to_json(struct_pack("type" := {literal(call.name)}, slot := {place}, input := {shown}'
            )
            for name, expression in call.options.items():
                if name == "query" and _is_subquery(call):
                    continue
                text.new(f", {name} := to_json(").expression(expression).new(")")
            text.new("))")
        text.new("]")
        if not self.parsed.calls:
            text.new("::JSON[]")
        for name, expression in self.parsed.options.items():
            if name not in ("key", "preselected"):
                text.new(f", {name} := to_json(").expression(expression).new(")")
        keyed, chosen = (
            literal("key" in self.parsed.options),
            literal("preselected" in self.parsed.options),
        )
        return text.new(f", keyed := {keyed}, chosen := {chosen}, run := {literal(self.run)}))")

    # ---- the block with its inputs

    def _inner(self, *, splice: bool, keep: bool) -> Text:
        """The user's block with the inputs as further columns, and the thresholds in its WHERE (or as a column)."""
        n, block = self.names, self.block
        outside = _by_all(self.tokens, block)
        inputs = self._input_columns()
        late = keep or (bool(self.parsed.thresholds) and self._cannot_splice())
        if late or outside:
            condition = self._condition()
            if late and not outside:
                inputs.new(", ").add(condition or Text(self.sql).new("NULL")).new(f" AS {n}_c")
            inner = self.with_list(inputs if not outside else Text(self.sql), splice=False)
            if outside:
                extra = Text(self.sql).add(inputs)
                if late:
                    extra.new(", ").add(condition or Text(self.sql).new("NULL")).new(f" AS {n}_c")
                elif condition is not None:
                    return (
                        Text(self.sql)
                        .new("SELECT *")
                        .add(extra)
                        .new(" FROM (")
                        .add(inner)
                        .new(") WHERE ")
                        .add(condition)
                    )
                inner = Text(self.sql).new("SELECT *").add(extra).new(" FROM (").add(inner).new(")")
            if late and not keep:
                keeps = f"coalesce({n}_c, false) OR coalesce({n}_p, false)"
                return (
                    Text(self.sql)
                    .new(f"SELECT * EXCLUDE ({n}_c) FROM (")
                    .add(inner)
                    .new(f") WHERE {keeps}")
                )
            return inner
        return self.with_list(inputs, splice=splice)

    def _input_columns(self) -> Text:
        n, text = self.names, Text(self.sql)
        for i, expression in enumerate(self.inputs):
            text.new(", (").expression(expression).new(f") AS {n}_i{i}")
        for name, short in (("key", "k"), ("preselected", "p")):
            text.new(", ")
            if name in self.parsed.options:
                text.new("(").expression(self.parsed.options[name]).new(")")
            else:
                text.new("NULL")
            text.new(f" AS {n}_{short}")
        return text

    def with_list(self, inputs: Text, *, splice: bool) -> Text:
        """The block's own text, its list lengthened, its pseudo-columns held open, its WHERE narrowed."""
        tokens, block = self.tokens, self.block
        text = Text(self.sql)
        end = tokens[block.end - 1].end
        condition = self._condition() if splice else None
        where = block.parts.get("WHERE")
        where_end = self._end_of("WHERE") if where is not None else None
        insert_where = None if where is not None else self._where_place()
        at = block.start
        listed_end = tokens[block.end_list - 1].end if block.end_list > block.first_list else None
        events: list[tuple[int, str]] = []
        if listed_end is not None:
            events.append((listed_end, "list"))
        if condition is not None and where is not None:
            events += [(tokens[where].end, "open"), (int(where_end or 0), "close")]
        elif condition is not None:
            events.append((int(insert_where or end), "where"))
        if listed_end is None:  # FROM first, without SELECT
            events.append(
                (self._where_place() if where is None else tokens[where - 1].end, "from-first")
            )
        order = {"list": 0, "from-first": 1, "open": 2, "close": 3, "where": 4}
        for place, what in sorted(events, key=lambda e: (e[0], order[e[1]])):
            self._own_without_pseudo(text, at, place)
            at = place
            if what == "list":
                trailing = tokens[block.end_list - 1].text == ","
                text.add(inputs.without_first_comma() if trailing else inputs)
            elif what == "from-first":
                text.new(" SELECT *").add(inputs)
            elif what == "open":
                text.new(" (")
            elif what == "close":
                text.new(") AND ").add(condition or Text(self.sql))
            else:
                text.new(" WHERE ").add(condition or Text(self.sql))
        self._own_without_pseudo(text, at, end)
        return text

    def _own_without_pseudo(self, text: Text, start: int, end: int) -> None:
        for i, pseudo in enumerate(self.pseudo):
            if start <= pseudo.start < end:
                text.own(start, pseudo.start).new(f"NULL AS {self.names}_x{i}")
                start = pseudo.end
        text.own(start, end)

    def _end_of(self, part: str) -> int:
        first = self.block.parts[part]
        later = [i for i in self.block.parts.values() if i > first]
        select = self.block.first_list - 1
        if self.block.from_first and self.block.first_list < self.block.end and select > first:
            later.append(select)
        return self.tokens[min([*later, self.block.end]) - 1].end

    def _where_place(self) -> int:
        """Where a WHERE would stand: after FROM (and a SELECT behind it), before all later parts."""
        parts = self.block.parts
        later = [parts[p] for p in ("GROUP", "HAVING", "WINDOW", "QUALIFY", "SAMPLE") if p in parts]
        return self.tokens[min([*later, self.block.end]) - 1].end

    def _condition(self) -> Text | None:
        """All thresholds; preselected rows are exempt."""
        if not self.parsed.thresholds:
            return None
        text = Text(self.sql).new("(")
        for i, threshold in enumerate(self.parsed.thresholds):
            text.new(" AND (" if i else "(").expression(threshold).new(")")
        text.new(")")
        if "preselected" in self.parsed.options:
            text = (
                Text(self.sql)
                .new("(")
                .add(text)
                .new(" OR (")
                .expression(self.parsed.options["preselected"])
                .new("))")
            )
        return text

    def _cannot_splice(self) -> bool:
        """Whether a condition in WHERE would change the rows of the block rather than choose among them."""
        if {"GROUP", "HAVING", "QUALIFY", "SAMPLE"} & set(self.block.parts):
            return True
        block = self.tokens[self.block.first_list : self.block.end]
        spliced = [t for e in (*self.parsed.thresholds, *self.inputs) for t in e.tokens]
        words = {t.word for t in (*block, *spliced)}
        listed = self.tokens[self.block.first_list : self.block.end_list]
        whole = calls_aggregate(listed) or calls_aggregate(spliced)
        return whole or bool({"OVER", "UNNEST"} & words) or "FROM" not in self.block.parts


def value_names(kinds: Sequence[str]) -> list[str]:
    """``diversity``, ``weights``, ``weights_2`` …: the strategies by kind, numbered from the second on."""
    names: list[str] = []
    for kind in kinds:
        name = "diversity" if kind == "DEDUPLICATE" else kind.lower()
        again = sum(n == name or n.startswith(f"{name}_") for n in names)
        names.append(f"{name}_{again + 1}" if again else name)
    return names


def _is_subquery(call: Call) -> bool:
    expression = call.options.get("query")
    if expression is None or len(expression.tokens) < 3 or expression.tokens[0].text != "(":
        return False
    first = next((t for t in expression.tokens if t.text != "("), None)
    return first is not None and first.word in ("SELECT", "FROM", "WITH", "VALUES", "TABLE")


def _by_all(tokens: Sequence[Token], block: object) -> bool:
    """GROUP BY ALL: an input in the list would become a grouping key."""
    at = block.parts.get("GROUP")  # type: ignore[attr-defined]
    return at is not None and at + 2 < len(tokens) and tokens[at + 2].word == "ALL"
