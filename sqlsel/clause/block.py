"""The user's own block with further columns, and the thresholds in its WHERE.

Everything else of the block stays as it was written. The inputs of the strategies become columns of
the block's own select list, so that names mean there what they mean everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlsel.clause.fed_inputs import Inputs
from sqlsel.clause.find import Clause
from sqlsel.clause.pseudo import find_pseudo
from sqlsel.clause.text import Text
from sqlsel.clause.words import calls_aggregate, is_plain_list


class BlockText:
    """One SELECT block that becomes a subquery; ``names``: the prefix of generated column names.

    ``places``: columns that identify a row of the source, added to the list.
    """

    def __init__(self, sql: str, clause: Clause, names: str, places: Sequence[str] = ()) -> None:
        self._sql, self._names, self._places = sql, names, places
        self._tokens, self._block, self._parsed = clause.tokens, clause.block, clause.parsed
        self._end = self._tokens[self._block.end - 1].end
        first, end = self._block.first_list, self._block.end_list
        self.pseudo = find_pseudo(sql, self._tokens, first, end)

    def fed(self, inputs: Inputs, *, keep: bool) -> Text:
        """The block with its inputs as columns, filtered by the thresholds; unfiltered where ``keep``.

        Where a threshold cannot stand in the WHERE, it becomes a column, and an outer query filters by it.
        """
        n, columns, condition = self._names, self._columns(inputs), self._condition()
        late = self._is_late(inputs, keep=keep)
        if self.numbers_rows(inputs, keep=keep):
            columns.new(f", row_number() OVER () AS {n}_r")
        if late and condition is not None:
            columns.new(", ").add(condition).new(f" AS {n}_c")
        if self._groups_by_all():  # an input in the list would become a grouping key
            inner = self.with_columns(self._text())
            block = self._text().new("SELECT *").add(columns).new(" FROM (").add(inner).new(")")
        else:
            block = self.with_columns(columns, None if late else condition)
        if late and not keep:
            return (
                self._text()
                .new(f"SELECT * EXCLUDE ({n}_c) FROM (")
                .add(block)
                .new(f") WHERE {passed(n, inputs)}")
            )
        return block

    def _text(self) -> Text:
        return Text(self._sql)

    def _columns(self, inputs: Inputs) -> Text:
        n, text = self._names, self._text()
        for i, expression in enumerate(inputs.expressions):
            text.new(", (").expression(expression).new(f") AS {n}_i{i}")
        for name, short in inputs.options.items():
            text.new(", (").expression(self._parsed.options[name]).new(f") AS {n}_{short}")
        return text.add(self.places())

    def _is_late(self, inputs: Inputs, *, keep: bool) -> bool:
        """Whether the thresholds are a column of the block and the filter stands outside of it."""
        return keep or (bool(self._parsed.thresholds) and self._cannot_splice(inputs))

    def numbers_rows(self, inputs: Inputs, *, keep: bool) -> bool:
        """Whether row_number() can stand in the block itself: then DuckDB scans a table in parallel.

        Only where nothing is called, so that a row of FROM and WHERE is a row of the block: an
        aggregate, UNNEST or a macro with one inside would make it another number of rows.
        """
        block, options = self._block, self._parsed.options
        listed = self._tokens[block.first_list : block.end_list]
        computed = [*inputs.expressions, *(options[name] for name in inputs.options)]
        return (
            not self._is_late(inputs, keep=keep)
            and "FROM" in block.parts
            and set(block.parts) <= {"FROM", "WHERE"}
            and is_plain_list(listed)
            and all(token.text != "(" for e in computed for token in e.tokens)
        )

    def places(self) -> Text:
        """The columns that identify a row of the source, renamed."""
        text = self._text()
        for i, column in enumerate(self._places):
            text.new(f", {column} AS {self._names}_l{i}")
        return text

    def _condition(self) -> Text | None:
        """All thresholds joined by AND; preselected rows pass in any case. None without thresholds."""
        if not self._parsed.thresholds:
            return None
        text = self._text().new("(")
        for i, threshold in enumerate(self._parsed.thresholds):
            text.new(" AND (" if i else "(").expression(threshold).new(")")
        text.new(")")
        exempt = self._parsed.options.get("preselected")
        if exempt is None:
            return text
        return self._text().new("(").add(text).new(" OR (").expression(exempt).new("))")

    def _cannot_splice(self, inputs: Inputs) -> bool:
        """Whether a condition in WHERE would act on other rows than those of the block's result.

        WHERE comes before grouping, QUALIFY, SAMPLE, windows, aggregates and UNNEST.
        """
        block = self._block
        if {"GROUP", "HAVING", "QUALIFY", "SAMPLE"} & set(block.parts):
            return True
        listed = self._tokens[block.first_list : block.end_list]
        moved = (*self._parsed.thresholds, *inputs.expressions)
        spliced = [token for expression in moved for token in expression.tokens]
        words = {t.word for t in (*self._tokens[block.first_list : block.end], *spliced)}
        whole = calls_aggregate(listed) or calls_aggregate(spliced)
        return whole or bool({"OVER", "UNNEST"} & words) or "FROM" not in block.parts

    def _groups_by_all(self) -> bool:
        at, tokens = self._block.parts.get("GROUP"), self._tokens
        return at is not None and at + 2 < len(tokens) and tokens[at + 2].word == "ALL"

    def with_columns(self, columns: Text, condition: Text | None = None) -> Text:
        """The block with further columns and a further condition, pseudo-columns replaced by NULL."""
        text, at = self._text(), self._block.start
        additions = [self._longer_list(columns), *self._narrowed(condition)]
        for place, addition in sorted(additions, key=lambda a: a[0]):
            self._own(text, at, place)
            text.add(addition)
            at = place
        self._own(text, at, self._end)
        return text

    def _longer_list(self, columns: Text) -> tuple[int, Text]:
        """(place in the text, what is inserted there) that adds ``columns`` to the select list."""
        tokens, block = self._tokens, self._block
        if block.end_list > block.first_list:
            last = tokens[block.end_list - 1]
            return last.end, columns.without_first_comma() if last.text == "," else columns
        where = block.parts.get("WHERE")  # FROM first, without SELECT
        place = self._where_place() if where is None else tokens[where - 1].end
        return place, self._text().new(" SELECT *").add(columns)

    def _narrowed(self, condition: Text | None) -> Iterator[tuple[int, Text]]:
        """(place, what is inserted there) that adds ``condition`` to the WHERE, or makes one."""
        if condition is None:
            return
        where = self._block.parts.get("WHERE")
        if where is None:
            yield self._where_place(), self._text().new(" WHERE ").add(condition)
            return
        yield self._tokens[where].end, self._text().new(" (")
        yield self._end_of(where), self._text().new(") AND ").add(condition)

    def _own(self, text: Text, start: int, end: int) -> None:
        """Add the user's characters from ``start`` to ``end``; NULL, named, for each pseudo-column."""
        for i, pseudo in enumerate(self.pseudo):
            if start <= pseudo.start < end:
                text.own(start, pseudo.start).new(f"NULL AS {self._names}_x{i}")
                start = pseudo.end
        text.own(start, end)

    def _end_of(self, first: int) -> int:
        """Where the part ends that begins with token ``first``."""
        block = self._block
        later = [i for i in block.parts.values() if i > first]
        select = block.first_list - 1
        if block.from_first and block.first_list < block.end and select > first:
            later.append(select)
        return self._tokens[min([*later, block.end]) - 1].end

    def _where_place(self) -> int:
        """Where a WHERE would stand: behind FROM and SELECT, before all later parts."""
        parts = self._block.parts
        later = [parts[p] for p in ("GROUP", "HAVING", "WINDOW", "QUALIFY", "SAMPLE") if p in parts]
        return self._tokens[min([*later, self._block.end]) - 1].end


def passed(names: str, inputs: Inputs) -> str:
    """The condition for rows that pass the thresholds or are exempt from them."""
    exempt = " OR coalesce({names}_p, false)" if "preselected" in inputs.options else ""
    return f"coalesce({names}_c, false){exempt.format(names=names)}"
