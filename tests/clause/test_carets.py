"""Each mistake has its caret under the word that is wrong, in the text as the user wrote it."""

# ruff: noqa: E501 - a statement on one line is a statement that can be read

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import duckdb
import pytest

import sqlsel
from sqlsel.clause import ClauseError
from sqlsel.feed.statements import rewrite

Con = duckdb.DuckDBPyConnection
FROM = "SELECT id FROM images USING STRATEGY "

# The word between « and » is the one that the carets underline.
CLAUSE_MISTAKES = [
    (FROM + "«DIVRSITY»(embedding) LIMIT 4", 'unknown strategy "DIVRSITY"; did you mean DIVERSITY?'),
    (FROM + "«diversty»(embedding)", "did you mean DIVERSITY?"),
    (FROM + "«WEIGHT»(score)", "did you mean WEIGHTS?"),
    (FROM + "«QUALITY»(score)", 'unknown strategy "QUALITY"; strategies: DIVERSITY, '),
    (FROM + 'WEIGHTS(score), «"weights"»(score)', "names of strategies have no quotes: WEIGHTS"),
    (FROM + "DIVERSITY(embedding, «min_dist» := 0.2)", "DIVERSITY has no option min_dist"),
    (FROM + "DIVERSITY(embedding, «query» := 0.2)", "DIVERSITY has no option query"),
    (FROM + "WEIGHTS(score, «power» := 2)", "WEIGHTS has no option power; options: strength"),
    (FROM + "DIVERSITY(embedding, «0.2»)", "DIVERSITY takes one input, and its options by name; options: min_distance, strength, normalize, start"),
    (FROM + "WEIGHTS(score, «id + (1)»)", "WEIGHTS takes one input, and its options by name; options: strength"),
    (FROM + "BALANCE(even, 'uniform', «3»)", "BALANCE takes one input, and its options by name"),
    (FROM + "DEDUPLICATE(embedding, min_distance := 1, «2»)", "DEDUPLICATE was given min_distance twice"),
    (FROM + "RANDOM(«7»)", "RANDOM takes its options by name; options: seed, strength"),
    (FROM + "WEIGHTS(score), «sed» := 7", "USING STRATEGY has no option sed. Did you mean seed? Options: key,"),
    (FROM + "WEIGHTS(score), «preselect» := even", "Did you mean preselected?"),
    (FROM + "WEIGHTS(score), «colour» := 7", "USING STRATEGY has no option colour"),
    (FROM + "WEIGHTS(score), seed := 7, key := id, «SEED» := 8", "seed is given twice"),
    (FROM + "WEIGHTS(score, strength := 1, «strength» := 1)", "strength is given twice"),
    (FROM + "WEIGHTS(score) LIMIT 3 «LIMIT» 4", "LIMIT is given twice"),
    (FROM + "WEIGHTS(score) LIMIT 3 OFFSET 1 «OFFSET» 4", "OFFSET is given twice"),
    (FROM + "«WEIGHTS»(score", "missing ) for WEIGHTS("),
    (FROM + "«WEIGHTS»(abs(score)", "missing ) for WEIGHTS("),
    (FROM + "RANDOM(), «DIVERSITY»(embedding, min_distance := 0.2 LIMIT 4", "missing ) for DIVERSITY("),
    (FROM + "«WEIGHTS»()", "WEIGHTS needs an input expression"),
    (FROM + "«BALANCE»(target := 'uniform')", "BALANCE needs an input expression"),
    (FROM + "«DEDUPLICATE»(embedding)", "DEDUPLICATE needs min_distance, such as min_distance := 0.1"),
    (FROM + "«SIMILARITY»(embedding, normalize := false)", "SIMILARITY needs query, such as query := (SELECT embedding FROM wanted)"),
    (FROM + "«THRESHOLD»()", "THRESHOLD takes exactly one condition"),
    (FROM + "«THRESHOLD»(id > 1, even)", "THRESHOLD takes exactly one condition"),
    (FROM + "«THRESHOLD»(strength := 1)", "THRESHOLD takes exactly one condition"),
    (FROM + "WEIGHTS(score +«)» LIMIT 4", "the expression breaks off after +"),
    (FROM + "WEIGHTS(score, strength := 2 *«)» LIMIT 4", "the expression breaks off after *"),
    (FROM + "DIVERSITY(embedding, min_distance := «)» LIMIT 4", "expected an expression after min_distance :="),
    (FROM + "DIVERSITY(embedding, «)» LIMIT 4", "expected an expression after the comma"),
    (FROM + "WEIGHTS(CASE WHEN even THEN«)» LIMIT 4", "the expression breaks off after THEN"),
    (FROM + "THRESHOLD(score > 0 AND«)», RANDOM()", "the expression breaks off after AND"),
    (FROM + "THRESHOLD(score >«)», RANDOM()", "the expression breaks off after >"),
    (FROM + "WEIGHTS(score::«)»", "the expression breaks off after ::"),
    (FROM + "WEIGHTS(images.«)»", "the expression breaks off after ."),
    (FROM + "WEIGHTS(score), seed := 3 + «LIMIT» 4", "the expression breaks off after +"),
    (FROM + "WEIGHTS(score), preselected := NOT even AND «,» seed := 3", "the expression breaks off after AND"),
    (FROM + "WEIGHTS(score + [2«)»)", "expected ] for [ before this )"),
    (FROM + "BALANCE(even, {'a': 2«)»)", "expected } for { before this )"),
    (FROM + "WEIGHTS(score)«)» LIMIT 4", "this ) closes nothing"),
    (FROM + "DIVERSITY(embedding, «metric» := 'cosine')", "d = sqrt(2 - 2 * cosine), and ranks as the cosine does: leave metric out"),
    (FROM + "DEDUPLICATE(embedding, «similarity» := .95)", "a cosine of .95 is a distance of 0.3162 between unit vectors: min_distance := 0.3162"),
    (FROM + "DIVERSITY(embedding, «min_similarity» := $1)", "min_distance := sqrt(2 - 2 * cosine)"),
    (FROM + "WEIGHTS(score) «BALANCE»(even)", "expected a comma, LIMIT, OFFSET or the end of the query"),
    (FROM + "WEIGHTS(score) «key» := id", "expected a comma, LIMIT, OFFSET or the end of the query"),
    (FROM + "WEIGHTS(score) «WHERE» id > 3", "WHERE comes before USING STRATEGY"),
    (FROM + "WEIGHTS(score) «GROUP» BY id", "GROUP BY comes before USING STRATEGY"),
    (FROM + "WEIGHTS(score) «USING» SAMPLE 3", "separate strategies by commas, after one USING STRATEGY; SAMPLE comes before it"),
    (FROM + "WEIGHTS(score) «5»", "expected a comma, LIMIT, OFFSET or the end of the query"),
    (FROM + "WEIGHTS(score) «ORDER» BY id", "ORDER BY with USING STRATEGY"),
    (FROM + "WEIGHTS(score) LIMIT 3 «ORDER» BY id", "ORDER BY with USING STRATEGY"),
    (FROM + "WEIGHTS(score) «FETCH» FIRST 3 ROWS ONLY", "use LIMIT"),
    (FROM + "«WEIGHTS» score", "expected ( after WEIGHTS"),
    (FROM + "WEIGHTS(score), «key» id", "expected := after key"),
    (FROM + "WEIGHTS(score), seed := «,» key := id", "expected an expression after seed :="),
    (FROM + "WEIGHTS(«,» strength := 1)", "expected an expression after WEIGHTS("),
    (FROM + "WEIGHTS(score, «)»", "expected an expression after the comma"),
    (FROM + "WEIGHTS(score, strength := «)»", "expected an expression after strength :="),
    (FROM + "WEIGHTS(«'score)»", "this text is not closed"),
    ("SELECT id FROM images «USING STRATEGY» seed := 3", "USING STRATEGY needs at least one strategy"),
    (FROM + "WEIGHTS(score), «,» key := id", "expected a strategy or an option"),
    (FROM + "WEIGHTS(score), «3»", "expected a strategy or an option"),
    (FROM + "WEIGHTS(«*»)", "more than one value per row"),
    (FROM + "WEIGHTS(«COLUMNS(*)»)", "more than one value per row"),
    ("SELECT «DISTINCT» id FROM images USING STRATEGY WEIGHTS(score)", "DISTINCT with USING STRATEGY is ambiguous"),
    ("SELECT id FROM images «ORDER» BY id USING STRATEGY WEIGHTS(score)", "ORDER BY with USING STRATEGY"),
    ("SELECT id FROM images «LIMIT» 3 USING STRATEGY WEIGHTS(score)", "LIMIT comes after the strategies"),
    ("SELECT id FROM images «OFFSET» 3 USING STRATEGY WEIGHTS(score)", "OFFSET comes after the strategies"),
    ("SELECT id FROM images «FETCH» FIRST 3 ROWS ONLY USING STRATEGY WEIGHTS(score)", "use LIMIT"),
    ("SELECT id, «selection_rank» () + 1 FROM images USING STRATEGY WEIGHTS(score)", "must be a column of its own"),
    ("SELECT id, «selection_rank»(3) FROM images USING STRATEGY WEIGHTS(score)", "selection_rank() takes no argument"),
    ("SELECT abs(«selection_gain»()) FROM images USING STRATEGY WEIGHTS(score)", "must be a column of its own"),
    ("DELETE FROM images «USING STRATEGY» WEIGHTS(score)", "USING STRATEGY must follow a SELECT"),
    ("TABLE images «USING   STRATEGY» WEIGHTS(score)", "USING STRATEGY must follow a SELECT"),
    ("SELECT 1; VALUES (1) «USING STRATEGY» WEIGHTS(score)", "USING STRATEGY must follow a SELECT"),
]  # fmt: skip

DUCKDB_MISTAKES = [
    ("SELECT «idd» FROM images USING STRATEGY WEIGHTS(score)", '"idd"'),
    ("SELECT id FROM «imags» USING STRATEGY WEIGHTS(score)", "imags"),
    ("SELECT id FROM images WHERE «idd» > 3 USING STRATEGY WEIGHTS(score)", '"idd"'),
    ("SELECT id FROM images WHERE even OR «evn» USING STRATEGY WEIGHTS(score), THRESHOLD(even) LIMIT 1", '"evn"'),
    (FROM + "WEIGHTS(«scor»)", '"scor"'),
    (FROM + "WEIGHTS(score * 2 + «scor»)", '"scor"'),
    (FROM + "WEIGHTS(score), THRESHOLD(even AND «evn»)", '"evn"'),
    (FROM + "WEIGHTS(score), THRESHOLD(«evn») LIMIT 10%", '"evn"'),
    (FROM + "WEIGHTS(score), key := «name»", '"name"'),
    (FROM + "WEIGHTS(score), preselected := NOT «done»", '"done"'),
    (FROM + "WEIGHTS(«scre»(score))", "scre"),
    (FROM + "SIMILARITY(embedding, query := (SELECT embedding FROM «wanted»))", "wanted"),
    (FROM + "SIMILARITY(embedding, query := (SELECT «vector» FROM images))", '"vector"'),
    ("SELECT id FRM «images» USING STRATEGY WEIGHTS(score)", "Parser Error"),
    ("SELECT id FROM images WHERE id > «>» 3 USING STRATEGY WEIGHTS(score)", "Parser Error"),
    ("SELECT id FROM images GROUP «id» USING STRATEGY WEIGHTS(score)", "Parser Error"),
    ("SELECT id FROM images WHERE even «odd» USING STRATEGY WEIGHTS(score)", "Parser Error"),
    (FROM + "WEIGHTS(score) LIMIT 3; «SELCT» 1", "Parser Error"),
    (FROM + "WEIGHTS(score) LIMIT 3; SELECT «y» FROM images", '"y"'),
    (FROM + "WEIGHTS(score «score»)", "Parser Error"),
    (FROM + "WEIGHTS(score), THRESHOLD(id > 3 «id» < 5)", "Parser Error"),
    ("SELECT id FROM (SELECT id FROM images USING STRATEGY WEIGHTS(«scor»)) WHERE id > 3", '"scor"'),
    ("SELECT «idd» FROM (SELECT id FROM images USING STRATEGY WEIGHTS(score)) WHERE id > 3", '"idd"'),
    (
        "SELECT id FROM (SELECT id FROM images USING STRATEGY WEIGHTS(score)) USING STRATEGY WEIGHTS(«score»)",
        '"score"',
    ),
]  # fmt: skip

BEFORE = [
    "", "/* größer als ä e\u0301 😀 */ ", "SELECT 1 AS \"ü\";\n\n", "-- first\r\n  \t", "WITH a AS (\n  SELECT '日本' AS b\n)\n",
]  # fmt: skip


@pytest.fixture(scope="module")
def images() -> Iterator[Con]:
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE images AS SELECT i AS id, i::DOUBLE AS score, i % 2 = 0 AS even, [i, 1]::FLOAT[2] AS embedding "
            "FROM range(1, 9) r(i)"
        )
        yield con


def marked(text: str) -> tuple[str, int, int]:
    """The statement, and where the marked word begins and ends."""
    start, end = text.index("«"), text.index("»") - 1
    return text.replace("«", "").replace("»", ""), start, end


def width(character: str, tab: int) -> int:
    """The columns that a terminal gives a character: an ideograph or emoji two, a combining mark none."""
    if character == "\t":
        return tab
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def underlined(error: BaseException, *, tab: int = 1) -> tuple[int, str]:
    """(line number, the text above the carets) of a message; carets stand where a terminal shows the text."""
    lines = str(error).split("\n")
    carets = next(i for i, line in enumerate(lines) if line.strip() and set(line.strip()) == {"^"})
    above = lines[carets - 1]
    head, _, _ = above.partition(": ")
    first, count = lines[carets].index("^"), lines[carets].count("^")
    column, text = 0, ""
    for character in above:
        wide = width(character, tab)
        if first <= column - (wide == 0) < first + count:  # a mark belongs to the column before it
            text += character
        column += wide
    return int(head.removeprefix("LINE ")), text


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize(("text", "message"), CLAUSE_MISTAKES, ids=[m[0] for m in CLAUSE_MISTAKES])
def test_a_mistake_in_the_clause_is_underlined(before: str, text: str, message: str) -> None:
    sql, start, end = marked(before + text)
    with pytest.raises(ClauseError) as caught:
        rewrite(sql)
    error = caught.value
    assert message in str(error)
    assert isinstance(error, duckdb.ParserException)
    assert error.sql == sql
    assert sql[error.position : error.position + error.length] == sql[start:end]
    assert error.position == start
    assert underlined(error) == (sql.count("\n", 0, start) + 1, sql[start:end])


@pytest.mark.parametrize("before", [BEFORE[0], "".join(BEFORE[1:4])])
@pytest.mark.parametrize(("text", "message"), DUCKDB_MISTAKES, ids=[m[0] for m in DUCKDB_MISTAKES])
def test_duckdbs_own_errors_point_into_the_users_text(
    images: Con, before: str, text: str, message: str
) -> None:
    sql, start, end = marked(before + text)
    with pytest.raises(duckdb.Error) as caught:
        sqlsel.sql(images, sql)
    assert message in str(caught.value)
    assert "__sqlsel" not in str(caught.value)
    expected = (sql.count("\n", 0, start) + 1, sql[start:end])
    found = [underlined(caught.value), underlined(caught.value, tab=0)]
    assert expected in [(line, word[: end - start]) for line, word in found] or expected[
        1
    ].startswith(found[0][1] or "-")


@pytest.mark.parametrize(
    ("ending", "message"),
    [
        ("", "expected a strategy or an option"),
        ("WEIGHTS(score) LIMIT", "expected an expression after LIMIT"),
        ("WEIGHTS(score), seed :=", "expected an expression after seed :="),
        ("seed := 3", "needs at least one strategy"),
    ],
)
def test_a_clause_that_breaks_off_is_told_so(images: Con, ending: str, message: str) -> None:
    with pytest.raises(duckdb.Error, match=r"expected|needs|Parser") as caught:
        sqlsel.sql(images, "SELECT id FROM images USING STRATEGY " + ending)
    assert message in str(caught.value) or not ending


def test_the_errors_of_a_connection_made_by_sqlsel_have_carets_too() -> None:
    with sqlsel.connect() as con:
        con.execute("CREATE TABLE images AS SELECT 1 AS id, 2.0 AS score")
        for run in (con.sql, con.execute):
            with pytest.raises(duckdb.BinderException) as caught:
                run("SELECT id FROM images USING STRATEGY WEIGHTS(scor)")
            assert underlined(caught.value) == (1, "scor")


@pytest.mark.parametrize(
    "option", ["min_distance := «score»", "strength := «score»", "start := «id»"]
)
def test_a_column_in_an_option_is_told_to_be_a_constant(images: Con, option: str) -> None:
    sql, start, end = marked(FROM + f"DIVERSITY(embedding, {option})")
    with pytest.raises(duckdb.Error) as caught:
        sqlsel.sql(images, sql)
    assert f"{option.split(maxsplit=1)[0]} must be a constant" in str(caught.value)
    assert underlined(caught.value) == (1, sql[start:end])


def test_a_long_line_is_cut_around_the_caret(images: Con) -> None:
    listed = ", ".join(f"id + {i} AS column_number_{i}" for i in range(100))
    with pytest.raises(ClauseError) as caught:
        sqlsel.sql(
            images,
            f"SELECT {listed} FROM images USING STRATEGY DIVRSITY(embedding), {'WEIGHTS(score), ' * 50} LIMIT 3",
        )
    lines = str(caught.value).split("\n")
    assert all(len(line) < 150 for line in lines)
    assert underlined(caught.value) == (1, "DIVRSITY")
    assert lines[2].startswith("LINE 1: ...")
    assert lines[2].endswith("...")


def test_the_mistake_of_the_first_clause_is_told_first(images: Con) -> None:
    sql = "SELECT id FROM (SELECT id FROM images USING STRATEGY WIEGHTS(score)) USING STRATEGY DIVRSITY(id)"
    with pytest.raises(ClauseError, match="WIEGHTS"):
        sqlsel.sql(images, sql)


def test_the_example_of_four_lines(images: Con) -> None:
    sql = "SELECT id\nFROM images\nUSING STRATEGY WEIGHTS(score),\n  DIVERSITY(embedding, min_dist := 0.2) LIMIT 4"
    with pytest.raises(ClauseError) as caught:
        sqlsel.sql(images, sql)
    assert str(caught.value).split("\n")[2:] == [
        "LINE 4:   DIVERSITY(embedding, min_dist := 0.2) LIMIT 4",
        "                               ^^^^^^^^",
    ]
