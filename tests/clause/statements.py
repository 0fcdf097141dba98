"""Generated SQL: texts full of strings and comments, and statements with and without a clause."""

# ruff: noqa: E501 - a statement on one line is a statement that can be read

from __future__ import annotations

import random
from dataclasses import dataclass

STRINGS = [
    "'it''s'", "''", "'a -- b'", "'/* c'", "'USING STRATEGY WEIGHTS(x)'", "'ä€😀'", "'$$'", "'\\'", '\'"\'',
    r"E'it\'s'", r"e'\\'", r"E'\'' ", "E'a''b'", "'line\nbreak'", "'line\r\nbreak'", "X'00FF'",
]  # fmt: skip
DOLLARS = [
    "$$ it's $$",
    "$tag$ $$ ' $tag$",
    "$ü$ -- ' $ü$",
    "$$$$",
    "$a$ $b$ $a$",
    "$$ USING STRATEGY WEIGHTS(x) $$",
]
QUOTED = ['"a b"', '"say ""it"""', '"--"', '"/*"', '"USING"', '"ä\'"', '"strategy("']
COMMENTS = [
    "-- it's\n", "-- \" $$ /*\r\n", "/* ' */", "/* a /* b */ ' */", "/**/", "/* -- */", "/***/", "/* $$ */",
    "-- USING STRATEGY WEIGHTS(x)\n", "/* ä \n 😀 */", "/* /* */ */",
]  # fmt: skip
NUMBERS = ["1", "0", "1.5", "1.", ".5", "1e5", "1.5E-3", "1_000", "123456789012345678901234567890"]
WORDS = [
    "a", "b", "SELECT", "using", "strategy", "x1", "_y", "größe", "日本", "e", "x", "E1", "a$b", "tab$le", "NULL", "limit",
]  # fmt: skip
SIGNS = [
    "+", "-", "*", "/", "%", "=", "<", ">=", "<>", "!=", "||", "::", ".", ",", ";", "(", ")", "[", "]", "{", "}", ":=",
    "=>", "->", "->>", ":", "@", "^", "~", "&", "|", "?", "$1", "$name",
]  # fmt: skip
SPACES = [" ", "  ", "\n", "\r\n", "\t", " \n "]
KINDS = ["string", "dollar", "quoted", "number", "word", "word", "sign", "sign", "comment"]


def text(rng: random.Random) -> tuple[str, list[tuple[int, str]]]:
    """A text of pieces with space between them; and (start, kind) of each piece that is no comment."""
    sources = {
        "string": STRINGS, "dollar": DOLLARS, "quoted": QUOTED, "number": NUMBERS, "word": WORDS, "sign": SIGNS,
        "comment": COMMENTS,
    }  # fmt: skip
    pieces, places, at = [], [], 0
    for _ in range(rng.randint(1, 25)):
        kind = rng.choice(KINDS)
        piece = rng.choice(sources[kind])
        if kind != "comment":
            places.append((at, kind))
        pieces += [piece, rng.choice(SPACES)]
        at = sum(map(len, pieces))
    return "".join(pieces), places


@dataclass(frozen=True)
class Statement:
    """A statement with one clause: what stands before it, the clause, and what stands behind."""

    head: str
    clause: str
    tail: str

    @property
    def sql(self) -> str:
        return self.head + self.clause + self.tail

    @property
    def blanked(self) -> str:
        return self.head + "".join(c if c in "\r\n" else " " for c in self.clause) + self.tail


LISTS = ["id", "*", "id, score", "id AS i, score * 2 AS twice", "* EXCLUDE (even)", "id,", "count(*) OVER () AS n, id",
         "id, selection_rank() AS r", "'FROM' AS word, id", "(SELECT max(id) FROM images) AS m, id",
         "id IS DISTINCT FROM 3 AS d", "CASE WHEN even THEN 'WHERE' END AS c", "trim(BOTH 'x' FROM 'xax') AS t",
         "list_transform([1], lambda e: e + 1) AS l", '"id", "score"', "id -- , score\n",
         "/* all */ *"]  # fmt: skip
SOURCES = ["images", "images AS t", "(SELECT * FROM images) AS q", "main.images", "(VALUES (1, 1.0, true)) v(id, score, even)",
           "images JOIN (SELECT id FROM images) AS j USING (id)", "(FROM images) q", "images, range(1) AS r(k)"]  # fmt: skip
WHERES = ["", "", " WHERE id > 1", " WHERE id = 1 OR even", " WHERE (even) -- so\n", " WHERE 'WHERE' = 'WHERE'",
          " WHERE id IN (SELECT id FROM images)", " WHERE id BETWEEN 1 AND 3"]  # fmt: skip
REST = [
    "",
    "",
    "",
    " QUALIFY row_number() OVER (ORDER BY id) < 9",
    " USING SAMPLE 50%",
    " WINDOW w AS (ORDER BY id)",
]
ITEMS = ["WEIGHTS(score)", "WEIGHTS(score, strength := -1)", "RANDOM(seed := 3)", "THRESHOLD(even)", "THRESHOLD(id < 5 OR even)",
         "DIVERSITY([score, 1]::FLOAT[2], min_distance := 0.1)", "BALANCE(even, 'uniform')",
         "BALANCE(even, {'true': 0.5, 'false': 0.5}, other := 'ignore')",
         "SIMILARITY([score, 1]::FLOAT[2], query := (SELECT [1, 1]::FLOAT[2]))", "weights /* w */ (score)",
         "WEIGHTS(list_sum([e for e in [score, 1] if e > 0]))"]  # fmt: skip
OPTIONS = [
    "key := id",
    "seed := 7",
    "on_invalid := 'skip'",
    "key => id",
    "n_counts := 'total'",
    "preselected := id = 1",
]
LIMITS = ["", "", " LIMIT 2", " LIMIT 50%", " LIMIT 10 PERCENT", " LIMIT ALL", " OFFSET 1", " LIMIT 2 OFFSET 1",
          " OFFSET 1 LIMIT 2", " LIMIT (SELECT 2)"]  # fmt: skip
AROUND = [("", ""), ("", ""), ("", ";"), ("SELECT count(*) FROM (", ")"), ("WITH a AS (", ") SELECT * FROM a"),
          ("EXPLAIN ", ""), ("SELECT 1 WHERE EXISTS (", ")"), ("", " UNION ALL BY NAME SELECT * FROM images"),
          ("SELECT 1; ", ""), ("/* ä */ ", " -- end"), ("CREATE OR REPLACE TEMP TABLE made AS ", ""),
          ("CREATE OR REPLACE TEMP VIEW seen AS (", ")"), ("PREPARE p AS ", "")]  # fmt: skip
BROKEN = ["FRM images", "FROM images GROUP id", "FROM images WHERE (even", "FROM images AS", "FROM"]


def block(rng: random.Random, *, broken: bool) -> str:
    """A SELECT that may be ended by a clause; a broken one has a mistake outside of the clause."""
    if broken:
        return f"SELECT id {rng.choice(BROKEN)} "
    source, rest = rng.choice(SOURCES), rng.choice(WHERES) + rng.choice(REST)
    if rng.random() < 0.2:
        return f"FROM {source}{rest} "
    listed = rng.choice(LISTS)
    return (
        f"FROM {source} SELECT {listed}{rest} "
        if rng.random() < 0.2
        else f"SELECT {listed} FROM {source}{rest} "
    )


def statement(rng: random.Random, *, broken: bool = False) -> Statement:
    """A statement with a right clause."""
    items = rng.sample(ITEMS, rng.randint(1, 3)) + rng.sample(OPTIONS, rng.randint(0, 2))
    names = [item.split(" ")[0] for item in items if " := " in item or " => " in item]
    if len({n for n in names if n == "key"}) < names.count("key"):
        items.remove("key => id")
    rng.shuffle(items)
    comma = rng.choice([", ", ",", ",\n  ", " , -- next\n"])
    ending = rng.choice(["", "", "", ","])
    before, after = rng.choice(AROUND)
    clause = f"USING {rng.choice(['STRATEGY', 'strategy', 'Strategy /* s */'])} {comma.join(items)}{ending}{rng.choice(LIMITS)}"
    return Statement(before + block(rng, broken=broken), clause, after)
