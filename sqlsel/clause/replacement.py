"""The query that takes the place of a block and its clause: begin, feed, finish, join.

The inputs are fed to the engine row by row, and the picks are joined back by the row's number.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlsel.clause.block import BlockText, passed
from sqlsel.clause.fed_inputs import find_inputs
from sqlsel.clause.find import Clause
from sqlsel.clause.narrow import without_where
from sqlsel.clause.parsed import Expression
from sqlsel.clause.spec import Origin, spec
from sqlsel.clause.text import Text
from sqlsel.sqltext.quoting import literal
from sqlsel.sqltext.sql_files import query


class Replacement:
    """One block and its clause; ``names`` is the prefix of all generated names.

    ``places``: the columns that identify a row of the source; empty where none do.
    ``value_names``: the fields of selection_values().
    """

    def __init__(
        self,
        sql: str,
        clause: Clause,
        names: str,
        origin: Origin,
        places: Sequence[str],
        value_names: Sequence[str],
    ) -> None:
        self._value_names = value_names
        self._sql, self._parsed, self._names, self._origin = sql, clause.parsed, names, origin
        # A percentage is one of the rows before the thresholds, so these filter after the count.
        self._counted = clause.parsed.percent and bool(clause.parsed.thresholds)
        self._clause, self._places = clause, () if self._counted else places
        self._block = BlockText(sql, clause, names, self._places)
        self._inputs = find_inputs(sql, clause.parsed)
        self._queries = {
            i + 1: call.subquery
            for i, call in enumerate(clause.parsed.calls)
            if call.subquery is not None
        }
        self._grouped = "by" in clause.parsed.options

    def text(self) -> Text:
        """The query that gives the picks of this block in pick order."""
        text = self._begin()
        for slot, expression in self._queries.items():
            text.add(
                self._around("query_feed", Text(self._sql).expression(expression), slot=str(slot))
            )
        return text.add(self._feed()).add(self._finish()).add(self._outer())

    def _begin(self) -> Text:
        text = Text(self._sql).new(
            f"FROM (WITH {self._names}_t AS MATERIALIZED (SELECT sqlsel_begin("
        )
        text.add(spec(self._sql, self._parsed, self._inputs, self._origin))
        return text.new("::VARCHAR) AS t)")

    def _around(self, name: str, body: Text, **fields: str) -> Text:
        """The file ``name`` of ``sql/clause/`` with ``body`` in its middle."""
        template = query(f"clause/{name}")
        head, tail = template.format(n=self._names, body="\0", **fields).split("\0")
        return Text(self._sql).new(head).add(body).new(tail)

    def _feed(self) -> Text:
        n = self._names
        columns = self._inputs.columns()
        numbered = self._block.numbers_rows(self._inputs, keep=self._counted)
        hidden = ", ".join(f"{n}_{column}" for column in [*columns, *["r"] * numbered])
        placeholders = {
            "fields": self._inputs.fed(n),
            "number": f"{n}_r" if numbered else "row_number() OVER ()",
            "hidden": f" EXCLUDE ({hidden})" if hidden else "",
        }
        block = self._block.fed(self._inputs, keep=self._counted)
        if self._places:
            places = ", ".join(f"{n}_l{i}" for i in range(len(self._places)))
            return self._around("narrow_feed", block, places=places, **placeholders)
        if not self._counted:
            return self._around("feed", block, **placeholders)
        text = Text(self._sql).new(f",\n{n}_b AS MATERIALIZED (").add(block).new(")")
        if self._grouped:
            key = query("clause/group_key").format(n=n).strip()
            text.new(query("clause/group_feed").format(n=n, key=key))
        source = f"SELECT * EXCLUDE ({n}_c) FROM {n}_b WHERE {passed(n, self._inputs)}"
        rows = Text(self._sql).new(source)
        return text.add(self._around("feed", rows, **placeholders))

    def _finish(self) -> Text:
        n, parsed = self._names, self._parsed
        total = f"(SELECT count(*) FROM {n}_b)" if self._counted else "CAST(NULL AS BIGINT)"
        text = Text(self._sql)
        text.new(f",\n{n}_p AS MATERIALIZED (SELECT unnest(sqlsel_finish((SELECT t FROM {n}_t), ")
        text.new(f"(SELECT count({n}_i) FROM {n}_s)")
        fed = [f"{n}_q{slot}" for slot in self._queries]
        fed += [f"{n}_a"] if self._counted and self._grouped else []
        # Adding 0 × their counts makes DuckDB run the other feeds before the selection is finished.
        text.new("".join(f" + 0 * (SELECT n FROM {cte})" for cte in fed))
        text.new(", CAST(").add(self._constant(parsed.limit))
        text.new(f" AS VARCHAR), {literal(parsed.percent)}, CAST(")
        text.add(self._constant(parsed.offset))
        return text.new(f" AS VARCHAR), {total}), recursive := true))\n")

    def _constant(self, expression: Expression | None) -> Text:
        text = Text(self._sql)
        if expression is None:
            return text.new("NULL")
        if len(expression.tokens) == 1 and expression.tokens[0].kind == "number":
            return text.new(literal(expression.text))  # as text: a share is rounded in decimal
        return text.new("(").expression(expression).new(")")

    def _outer(self) -> Text:
        n, pseudo = self._names, self._block.pseudo
        made = ", ".join(
            f"{self._result_expression(p.source)} AS {n}_x{i}" for i, p in enumerate(pseudo)
        )
        renamed = ", ".join(f"{n}_x{i} AS {p.alias}" for i, p in enumerate(pseudo))
        fields = {
            "replace": f" REPLACE ({made})" if made else "",
            "rename": f" RENAME ({renamed})" if renamed else "",
        }
        if not self._places:
            return Text(self._sql).new(query("clause/outer").format(n=n, **fields))
        numbers = range(len(self._places))
        fields["places"] = ", ".join(f"{n}_l{i}" for i in numbers)
        fields["same"] = " AND ".join(f"s.{n}_l{i} = p.{n}_l{i}" for i in numbers)
        whole = BlockText(self._sql, without_where(self._clause), n, self._places)
        return self._around("narrow_outer", whole.with_columns(whole.places()), **fields)

    def _result_expression(self, source: str) -> str:
        """The expression of a pseudo-column; the list of values becomes a struct, a field per strategy."""
        if source != "p.vals":
            return source
        names = enumerate(self._value_names)
        fields = ", ".join(f"{name} := p.vals[{i + 1}]" for i, name in names)
        return f"struct_pack({fields})" if fields else "NULL"
