"""Statements put together from a small grammar of DuckDB's SQL, with every way to hide words in them.

Beside ``statements.py``, whose clauses are used here: deeper expressions, every kind of statement,
and space, strings, names and comments that are made up each time.
"""

# ruff: noqa: E501 - a statement on one line is a statement that can be read

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from tests.clause import statements

HIDDEN = [
    "USING STRATEGY WEIGHTS(score)",
    "using strategy diversity(x), key := id LIMIT 3",
    "USING STRATEGY",
]
PIECES = [
    "a", " ", "x y", "--", "/*", "*/", ";", "(", ")", "[", "}", "?", "$1", "$", ":=", "ä", "é", "e\u0301", "日本", "😀", "𝒜",
    "\u200d", "\u00a0", "\n", "\r\n", "\r", "\t", "%", "SELECT", "LIMIT 3", "UNION",
]  # fmt: skip
WORDS = [
    "id", "score", "even", "strategy", "Strategy", "x1", "_y", "größe", "日本", "𝒜b", "a$b", "b$$c", "e", "x", "n", "key", "seed",
    "weights", "diversity", "sample", "rank", "percent", "strategy_id", "using_strategy",
]  # fmt: skip
TAGS = ["", "", "tag", "q1", "_", "ü", "日"]
NUMBERS = ["0", "7", "42", "1e-5", "2E+3", "1_000", ".5", "1.", "3.25", "1.e5", "12345678901234567890"]  # fmt: skip
SIGNS = [
    "+", "-", "*", "/", "//", "%", "^", "**", "||", "=", "==", "<>", "!=", "<", "<=", ">", ">=", "~~", "!~~", "^@", "&", "|", "<<", ">>",
    "@>", "<@", "&&", "->", "->>", " AND ", " OR ", " LIKE ", " NOT ILIKE ", " IS DISTINCT FROM ", " IS NOT DISTINCT FROM ",
    " SIMILAR TO ", " GLOB ",
]  # fmt: skip
JOINS = [
    " JOIN {} USING (strategy)", " JOIN {} USING (id, strategy)", " LEFT JOIN {} ON true", " ASOF JOIN {} USING (id, score)",
    " POSITIONAL JOIN {}", " SEMI JOIN {} USING (id)", " ANTI JOIN {} USING (strategy)", " CROSS JOIN {}", ", LATERAL {}", ", {}",
    " NATURAL FULL OUTER JOIN {}",
]  # fmt: skip
SAMPLES = [
    " USING SAMPLE 5", " USING SAMPLE 10%", " USING SAMPLE 10 PERCENT (bernoulli)", " USING SAMPLE reservoir(50 ROWS) REPEATABLE (7)",
    " USING /* s */ SAMPLE system(20%)",
]  # fmt: skip
FORMS = [
    "({e})", "[{e}, {e}]", "{{'strategy': {e}, {n}: {e}}}", "MAP {{{v}: {e}}}", "{n}({e}, strategy := {e})", "{n}(x => {e})", "({e})::INTEGER",
    "CAST({e} AS DECIMAL(10, 2)[])", "list_transform([{e}], lambda strategy: strategy + {e})", "{n}[{e}:{e}]", "{n}[1]", "trim(BOTH 'x' FROM {e})",
    "CASE WHEN {e} THEN {e} ELSE {v} END", "sum({e}) OVER (PARTITION BY strategy ORDER BY {e} ROWS UNBOUNDED PRECEDING)",
    "count(*) FILTER (WHERE {e})", "array_agg({e} ORDER BY {n} DESC)", "({q})", "EXISTS ({q})", "({n} IN ({q}))", "({n} NOT IN ({e}, {e}))",
    "({n} BETWEEN {n} AND {v})", "extract(year FROM {e})", "INTERVAL 3 DAYS", "[strategy FOR strategy IN [{e}] IF {e}]", "(NOT {e})", "-({e})",
    "({n} IS NOT NULL)",
]  # fmt: skip
TABLES = [
    "strategy", "{n}", "{n} AS {n}", "images", "strategy AS s (strategy, id)", "range(10) AS r(n)", "{v}", "read_csv({v}, header := true)",
]  # fmt: skip
SUBQUERIES = ["({q}) AS q", "(VALUES ({e})) v(strategy)"]
COLUMNS = ["{e}", "{e} AS {n}", "{n}", "*", "* EXCLUDE (strategy) REPLACE ({e} AS x)", "strategy", "COLUMNS('s.*')", "{n}: {e}"]  # fmt: skip
PARTS = [
    " WHERE {e}",
    " GROUP BY {n}, {e}",
    " HAVING {e}",
    " WINDOW w AS (ORDER BY {e})",
    " QUALIFY {e} > 1",
]
ENDS = [" ORDER BY ALL", " ORDER BY strategy DESC, {e} LIMIT 5", " LIMIT 10% OFFSET 2"]
# What is no clause although the word follows USING, or stands where a clause might.
OTHERS = [
    "PIVOT strategy ON {n} USING strategy({e})", "PIVOT {t} ON {n} USING sum({e}) AS strategy, max({e}) GROUP BY strategy",
    "PIVOT {t} ON {n} IN ('a', 'b') USING{s}strategy{s}(strategy)", "FROM {t} PIVOT (sum({n}) FOR strategy IN ({e}) GROUP BY {n})",
    "UNPIVOT {t} ON COLUMNS(* EXCLUDE (strategy)) INTO NAME strategy VALUE {n}",
    "DELETE FROM {n} USING strategy", "DELETE FROM {n} USING{s}strategy AS {n} WHERE {e} RETURNING *", "DELETE FROM {n} USING images, strategy WHERE {e}",
    "MERGE INTO {n} USING strategy ON id = {e} WHEN MATCHED THEN DELETE", "MERGE INTO {n} USING strategy AS {n} ON {e} WHEN MATCHED THEN UPDATE SET strategy = {e}",
    "MERGE INTO strategy USING (SELECT {e} AS {n}) AS q ON ({e}) WHEN NOT MATCHED THEN INSERT (strategy) VALUES ({e})",
    "ALTER TABLE {n} ALTER COLUMN strategy TYPE INTEGER USING strategy + {e}", "ALTER TABLE {n} ALTER strategy SET DATA TYPE VARCHAR USING (strategy IS NULL)",
    "INSERT INTO strategy ({n}, strategy) VALUES ({e}, {e}), ({e}, DEFAULT) ON CONFLICT (strategy) DO UPDATE SET strategy = excluded.strategy RETURNING *",
    "INSERT OR REPLACE INTO strategy BY NAME {q}", "UPDATE strategy SET strategy = {e} FROM {t} WHERE {e}", "CREATE TABLE strategy ({n} INTEGER, strategy VARCHAR DEFAULT {v})",
    "CREATE INDEX strategy ON {n} USING strategy (strategy)", "CREATE OR REPLACE TEMP TABLE strategy AS {q}", "CREATE VIEW strategy AS {q}",
    "CREATE MACRO strategy(using_x, strategy := 2) AS {n} + {e}", "CREATE TYPE strategy AS ENUM ({v}, 'x')", "COPY ({q}) TO {v} (FORMAT parquet)",
    "COPY strategy FROM {v} (HEADER, DELIMITER ';')", "EXPLAIN ANALYZE {q}", "DESCRIBE {q}", "SUMMARIZE {q}", "PREPARE strategy AS {q}",
    "SET VARIABLE strategy = {e}", "PRAGMA table_info('strategy')", "ATTACH {v} AS strategy (READ_ONLY)", "COMMENT ON TABLE strategy IS {v}",
    "SELECT 0x1F, 0b101, 1_000_000 FROM strategy WHERE {e}", 'SELECT "USING" strategy FROM {t}', 'FROM "USING" strategy JOIN images ON {e}',
    "SELECT s.using strategy FROM strategy AS s WHERE {e}", "VALUES ({e}, {v})", "TABLE strategy", "CALL strategy({e}, strategy := {e})", "EXECUTE strategy({e})", "{q}", "{q}", "{q}", "{q}", "{q}",
]  # fmt: skip
# (head, tail) of a statement around a block with its clause; {q} is another query, {e} an expression.
AROUND = [
    *statements.AROUND, ("INSERT INTO strategy BY NAME ", " RETURNING id"), ("INSERT INTO strategy ", " ON CONFLICT DO NOTHING"),
    ("CREATE TABLE strategy AS ", ""), ("COPY (", ") TO 'x.parquet' (FORMAT parquet)"), ("DELETE FROM strategy WHERE id IN (", ")"),
    ("UPDATE strategy SET x = {e} FROM (", ") AS picked WHERE {e}"), ("MERGE INTO strategy USING (", ") AS s ON {e} WHEN MATCHED THEN DELETE"),
    ("{q} UNION ALL ", " EXCEPT {q}"), ("(", ") INTERSECT ({q})"), ("SELECT {e}, EXISTS (", "), {e}"), ("PIVOT (", ") ON even IN (true) USING sum(score)"),
    ("WITH RECURSIVE r AS MATERIALIZED ({q}), s AS (", ") FROM r, s ORDER BY ALL LIMIT 3"), ("WITH r AS ({q}) ", " ; {q}"),
    ("{q};{q};", ";{q} -- done"), ("SELECT {e} FROM (", ") AS p JOIN strategy USING (strategy)"), ("SUMMARIZE ", ""), ("EXPLAIN ANALYZE ", ";;"),
    ("FROM {t}, LATERAL (", ") WHERE {e}"), ("SET VARIABLE x = (", ")"), ("CREATE MACRO picked(y) AS TABLE ", ""),
]  # fmt: skip
ITEMS = [
    *statements.ITEMS, "WEIGHTS({e})", "WEIGHTS({e}, strength := {v} + ({e}))", "THRESHOLD(({e}) > ({e}))", "DIVERSITY(CAST({e} AS FLOAT[2]), strength => {e})",
    "BALANCE({v}, {{'a': {e}, 'b': .5}})", "SIMILARITY(x, query := ({q}))", "DEDUPLICATE([{e}, {e}], 1e-5)", "RANDOM(seed := {e})",
]  # fmt: skip
LIMITS = [
    *statements.LIMITS,
    " LIMIT ({e})",
    " LIMIT ({e})%",
    "{s}OFFSET{s}({e}) LIMIT{s}10{s}PERCENT",
]
_MARK = re.compile(r"\{\{|\}\}|\{([evntqs])\}")
QUESTION = "\ue000"  # stands for ``?`` until the statement is complete


class Maker:
    """Makes texts; ``parameter`` is how this statement writes its parameters."""

    def __init__(self, rng: random.Random, parameter: str | None = None) -> None:
        self._rng = rng
        self.parameter = parameter or rng.choice([QUESTION, "$1", "$strategy", "$limit", "NULL"])

    def filled(self, template: str, depth: int = 2) -> str:
        """The template with its {e}, {v}, {n}, {t}, {q} and {s} made up one by one."""
        makers = {
            "e": lambda: self.expression(depth), "v": self.string, "n": self.name, "t": lambda: self.table(depth - 1), "q": lambda: self.query(depth - 1),
            "s": self.space,
        }  # fmt: skip
        return _MARK.sub(lambda m: makers[m[1]]() if m[1] else m[0][0], template)

    def body(self) -> str:
        """Text for the inside of something that hides it."""
        pieces = self._rng.choices(PIECES, k=self._rng.randint(0, 6))
        if self._rng.random() < 0.5:
            pieces.insert(self._rng.randint(0, len(pieces)), self._rng.choice(HIDDEN))
        return "".join(pieces)

    def string(self) -> str:
        """A string: plain, with escapes, or between dollars."""
        body, kind = self.body(), self._rng.random()
        if kind < 0.5:
            return "'" + self._rng.choice(["", "''", "\\", '"', "$$"]) + body + "'"
        if kind < 0.7:
            escapes = ["", "\\\\", "\\'", "''", "\\n"]
            body = body.replace("\\", "")
            return f"{self._rng.choice('eE')}'{self._rng.choice(escapes)}{body}'"
        tag = self._rng.choice(TAGS)
        return f"${tag}$' \"{body.replace('$', '€')}${tag}$"

    def name(self) -> str:
        """A bare or a quoted name."""
        if self._rng.random() < 0.7:
            return self._rng.choice(WORDS)
        return '"' + self._rng.choice(["", '""', "'", "\\"]) + self.body() + 'n"'

    def comment(self) -> str:
        """A comment, perhaps of several lines or with another one inside."""
        body = self.body().replace("*/", "").replace("/*", "")
        if self._rng.random() < 0.4:
            line = body.replace("\r", " ").replace("\n", " ")
            return f"--{line}'" + self._rng.choice(["\n", "\r", "\r\n"])
        inner = self.comment() if self._rng.random() < 0.3 else ""
        return f"/*{body}'{inner if inner.startswith('/*') else ''}\"*/"

    def space(self) -> str:
        """Space, perhaps with a comment in it."""
        if self._rng.random() < 0.15:
            return " " + self.comment() + self._rng.choice(["", "\n"])
        return self._rng.choice([" ", " ", " ", "  ", "\n", "\r\n", "\t", "\x0b", "\x0c"])

    def expression(self, depth: int) -> str:
        """A value."""
        pick = self._rng.random()
        if depth <= 0 or pick < 0.35:
            several = [self.name(), self.name() + "." + self.name(), self.string(), self.parameter]
            return self._rng.choice([*several, self._rng.choice(NUMBERS), "NULL"])
        if pick < 0.5:
            sign = self._rng.choice(SIGNS)
            return self.filled("({e}){s}" + sign + "{s}({e})", depth - 1)
        return self.filled(self._rng.choice(FORMS), depth - 1)

    def table(self, depth: int) -> str:
        """What may stand in FROM."""
        if depth <= 0:
            return self.filled(self._rng.choice(TABLES), 0)
        made = self.filled(self._rng.choice(TABLES + SUBQUERIES), depth)
        if self._rng.random() < 0.3:
            made += self._rng.choice(JOINS).replace("{}", "(FROM strategy) AS j")
        return made

    def block(self, depth: int) -> str:
        """A SELECT without ORDER BY, LIMIT and DISTINCT, which a clause may end."""
        source, gap = self.table(depth), self.space
        columns = self._rng.choices(COLUMNS, k=self._rng.randint(1, 3))
        listed = ("," + gap()).join(self.filled(column, depth - 1) for column in columns)
        parts = [part for part in PARTS if self._rng.random() < 0.18]
        rest = "".join(gap() + self.filled(part, depth - 1) for part in parts)
        if self._rng.random() < 0.15:
            rest += self._rng.choice(SAMPLES)
        if self._rng.random() < 0.8:
            return f"SELECT{gap()}{listed}{gap()}FROM{gap()}{source}{rest}"
        select = f"SELECT{gap()}{listed}" if self._rng.random() < 0.6 else ""
        return f"FROM{gap()}{source}{gap()}{select}{rest}"

    def query(self, depth: int) -> str:
        """A whole query without a clause."""
        if depth <= 0:
            return self._rng.choice(["SELECT 1 AS strategy", "FROM strategy", "VALUES (1)"])
        made = self.block(depth)
        if self._rng.random() < 0.2:
            made += self.filled(" UNION ALL BY NAME {q}", depth)
        if self._rng.random() < 0.3:
            made += self.filled(self._rng.choice(ENDS), 1)
        return made


def without_clause(rng: random.Random) -> str:
    """One or two statements without a clause, most of them with its words in hiding."""
    maker = Maker(rng)
    made = ";\n".join(maker.filled(rng.choice(OTHERS)) for _ in range(rng.choice([1, 1, 1, 2])))
    before, after = (maker.space() if rng.random() < 0.3 else "" for _ in range(2))
    return (before + made + after).replace(QUESTION, "?")


@dataclass(frozen=True)
class Parts:
    """A statement with one clause, in its parts; ``?`` is still a private character in each."""

    head: str
    block: str
    clause: str
    tail: str

    @property
    def sql(self) -> str:
        return (self.head + self.block + self.clause + self.tail).replace(QUESTION, "?")

    @property
    def start(self) -> int:
        return len(self.head)

    @property
    def end(self) -> int:
        return len(self.head + self.block + self.clause)

    @property
    def blanked(self) -> str:
        hidden = "".join(c if c in "\r\n" else " " for c in self.clause)
        return (self.head + self.block + hidden + self.tail).replace(QUESTION, "?")

    def numbered(self) -> tuple[str, str]:
        """Head and tail with each ``?`` as ``$1``, ``$2`` …, counted through the whole statement."""
        first = (self.head + self.block + self.clause).count(QUESTION)
        return _numbered(self.head, 0), _numbered(self.tail, first)


def _numbered(text: str, count: int) -> str:
    """The text with its parameters numbered from ``count`` + 1 on."""
    first, *pieces = text.split(QUESTION)
    return first + "".join(f"${number}{piece}" for number, piece in enumerate(pieces, count + 1))


def with_clause(rng: random.Random, parameter: str | None = None) -> Parts:
    """A statement with a right clause around which anything may stand."""
    maker = Maker(rng, parameter)
    head, tail = (maker.filled(part, 1) for part in rng.choice(AROUND))
    items = [maker.filled(item, 1) for item in rng.sample(ITEMS, rng.randint(1, 3))]
    items += rng.sample([o for o in statements.OPTIONS if "=>" not in o], rng.randint(0, 2))
    rng.shuffle(items)
    comma = f"{maker.space()},{maker.space()}"
    begin = f"USING{maker.space()}{rng.choice(['STRATEGY', 'strategy', 'Strategy'])}{maker.space()}"
    clause = begin + comma.join(items) + maker.filled(rng.choice(LIMITS), 1)
    return Parts(
        head, maker.block(2) + maker.space(), clause, (maker.space() + tail) if tail else ""
    )
