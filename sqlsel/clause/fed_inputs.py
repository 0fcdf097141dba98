"""The input columns of a clause: the expressions that are computed for each row and fed to the engine."""

from __future__ import annotations

from dataclasses import dataclass

from sqlsel.clause.parsed import Expression, Parsed
from sqlsel.clause.words import refuse_stars
from sqlsel.sqltext.quoting import literal
from sqlsel.sqltext.sql_files import query
from sqlsel.sqltext.values import UNLIKE_ARROW

# Options that are columns too, not constants, and the letters by which they are fed.
PER_ROW = {"key": "k", "preselected": "p", "by": "g"}


@dataclass(frozen=True)
class Inputs:
    """``expressions``: each different one once; ``slots``: per call the index of its own, None without input.

    ``options``: the options of the clause that are columns too, and the letter of each.
    """

    expressions: tuple[Expression, ...]
    slots: tuple[int | None, ...]
    options: dict[str, str]

    def fed(self, names: str) -> str:
        """The arguments of struct_pack() for one row: each column's value, and the number of its type.

        A group is fed as a sort key (clause/group_key.sql), since not every type reaches Arrow.
        """
        fields = {column: f"{names}_{column}" for column in self.columns()}
        if "by" in self.options:
            fields[PER_ROW["by"]] = query("clause/group_key").format(n=names).strip()
        placeholders = {"n": names, "types": f"[{', '.join(map(literal, UNLIKE_ARROW))}]"}
        for column in self.columns():
            fields[f"{column}t"] = query("clause/type_number").format(column=column, **placeholders)
        return ", ".join(f"{name} := {value}" for name, value in fields.items()) or "i := NULL"

    def columns(self) -> list[str]:
        """The names of the fed columns, without their prefix: i0, i1 …, then letters of options."""
        return [*(f"i{i}" for i in range(len(self.expressions))), *self.options.values()]


def find_inputs(sql: str, parsed: Parsed) -> Inputs:
    """The inputs of all calls, equal texts once; ClauseError for an expression of several columns or rows."""
    by_text: dict[str, Expression] = {}
    for call in parsed.calls:
        if call.input is not None:
            by_text.setdefault(call.input.text, call.input)
    texts = list(by_text)
    slots = [None if call.input is None else texts.index(call.input.text) for call in parsed.calls]
    named = {name: e for name, e in parsed.options.items() if name in PER_ROW}
    refuse_stars(sql, [*by_text.values(), *named.values(), *parsed.thresholds])
    return Inputs(tuple(by_text.values()), tuple(slots), {name: PER_ROW[name] for name in named})
