"""The macros of ``sql/scores`` and ``mean_vector`` against the same formulas in NumPy, case by case."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from tests import effort

SQL = Path(__file__).parents[1] / "sql"
FILES = [*sorted((SQL / "scores").glob("*.sql")), SQL / "macros" / "mean_vector.sql"]
CASES = effort.cases(600)
Con = duckdb.DuckDBPyConnection
Rows = list[list[float]]


@pytest.fixture(scope="module")
def scored(reader: Con) -> Con:
    """A plain connection that knows the macros."""
    for path in FILES:
        reader.execute(path.read_text(encoding="utf-8"))
    return reader


# ---- random cases


def random_probabilities(random: np.random.Generator, n_classes: int) -> list[float]:
    """Sharp and flat distributions with some zeros; a single class has any probability."""
    if n_classes == 1:
        return [float(random.random())]
    drawn = random.dirichlet(np.full(n_classes, random.choice([0.05, 1, 20])))
    drawn[drawn < random.choice([0, 0.01])] = 0
    return (drawn / drawn.sum()).tolist()


def vectors() -> list[list[float]]:
    random = np.random.default_rng(1)
    return [random_probabilities(random, int(random.integers(1, 13))) for _ in range(CASES)]


def objects(*, one_length: bool) -> list[Rows]:
    random = np.random.default_rng(2)

    def sample(n_classes: int) -> Rows:
        lengths = random.integers(1, 9, random.integers(0, 7))
        return [random_probabilities(random, n_classes if one_length else int(n)) for n in lengths]

    return [sample(int(random.integers(1, 9))) for _ in range(CASES)]


def lists_of_numbers() -> list[list[float]]:
    random = np.random.default_rng(3)
    return [random.random(random.integers(0, 12)).tolist() for _ in range(CASES)]


def lists_of_integers() -> list[list[int]]:
    random = np.random.default_rng(4)
    return [random.integers(0, 6, random.integers(0, 15)).tolist() for _ in range(CASES)]


# ---- the formulas, once more


def padded(probabilities: Sequence[float]) -> np.ndarray:
    return np.array([*probabilities, 1 - probabilities[0]][: max(len(probabilities), 2)])


def least_confidence(probabilities: Sequence[float]) -> float:
    p = padded(probabilities)
    return float((1 - p.max()) / (1 - 1 / len(p)))


def margin(probabilities: Sequence[float]) -> float:
    *_, second, best = np.sort(padded(probabilities))
    return float(1 - (best - second))


def entropy(probabilities: Sequence[float]) -> float:
    p = padded(probabilities)
    p = p[p > 0]
    return float(-(p * np.log(p)).sum() / np.log(len(padded(probabilities))))


def of_most_uncertain(score: Callable[[Sequence[float]], float]) -> Callable[[Rows], float]:
    return lambda objects: max(map(score, objects), default=0.0)


def objectness(scores: Sequence[float]) -> float:
    return 1 - sum(scores) / len(scores) if scores else 0.0


def mean_uncertainty(keypoints: Rows) -> float:
    return 1 - float(np.mean([np.mean(row) for row in keypoints])) if keypoints else 0.0


def object_frequency(categories: Sequence[int]) -> float:
    return float(sum(1 + 0.25 * (n - 1) for n in Counter(categories).values()))


def class_distribution(objects: Rows) -> list[float] | None:
    return np.array(objects).sum(axis=0).tolist() if objects else None


def mean_vector(vectors: Rows) -> list[float] | None:
    return np.array(vectors).mean(axis=0).astype(np.float32).tolist() if vectors else None


FORMULAS: dict[str, tuple[Callable[..., Any], list[Any]]] = {
    "uncertainty_least_confidence": (least_confidence, vectors()),
    "uncertainty_margin": (margin, vectors()),
    "uncertainty_entropy": (entropy, vectors()),
    "max_uncertainty_least_confidence": (
        of_most_uncertain(least_confidence),
        objects(one_length=False),
    ),
    "max_uncertainty_margin": (of_most_uncertain(margin), objects(one_length=False)),
    "max_uncertainty_entropy": (of_most_uncertain(entropy), objects(one_length=False)),
    "objectness_least_confidence": (objectness, lists_of_numbers()),
    "mean_uncertainty": (mean_uncertainty, objects(one_length=False)),
    "object_frequency_unscaled": (object_frequency, lists_of_integers()),
    "class_distribution": (class_distribution, objects(one_length=True)),
    "mean_vector": (mean_vector, objects(one_length=True)),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_sql_and_numpy_agree(scored: Con, name: str) -> None:
    formula, cases = FORMULAS[name]
    found = scored.execute(f"SELECT {name}(x) FROM (SELECT unnest($1) AS x)", [cases]).fetchall()
    assert len(found) == CASES
    for (value,), case in zip(found, cases, strict=True):
        expected = formula(case)
        if expected is None:
            assert value is None
        else:
            assert value == pytest.approx(expected, abs=1e-12, rel=0), case


def test_sql_and_numpy_estimate_the_same_probabilities(scored: Con) -> None:
    random = np.random.default_rng(5)
    classes = random.integers(1, 12, CASES)
    places = random.integers(1, classes + 1)
    cases = list(zip(random.random(CASES).tolist(), places.tolist(), classes.tolist(), strict=True))
    for score, place, n in cases:
        expected = np.full(n, (1 - score) / max(n - 1, 1))
        expected[place - 1] = score
        text = "SELECT estimated_probabilities($1, $2, $3)"
        ((found,),) = scored.execute(text, [score, place, n]).fetchall()
        assert found == pytest.approx(expected.tolist(), abs=1e-12, rel=0)
        assert sum(found) == pytest.approx(1) or n == 1


def test_sql_and_python_count_the_same_objects(scored: Con) -> None:
    found, wanted = lists_of_integers(), lists_of_integers()[::-1]
    text = "SELECT category_count(a, b) FROM (SELECT unnest($1) AS a, unnest($2) AS b)"
    counts = [row[0] for row in scored.execute(text, [found, wanted]).fetchall()]
    assert counts == [sum(x in w for x in f) for f, w in zip(found, wanted, strict=True)]


def test_every_score_is_compared(scored: Con) -> None:
    assert {path.stem for path in FILES} == {*FORMULAS, "estimated_probabilities", "category_count"}


@pytest.mark.parametrize("name", [name for name in FORMULAS if "uncertainty" in name])
def test_a_distribution_has_an_uncertainty_between_0_and_1(scored: Con, name: str) -> None:
    cases = FORMULAS[name][1]
    text = f"SELECT min({name}(x)), max({name}(x)) FROM (SELECT unnest($1) AS x)"
    ((lowest, highest),) = scored.execute(text, [cases]).fetchall()
    assert -1e-12 <= lowest <= highest <= 1 + 1e-12


# ---- what kind of macro they are

ARGUMENTS = {
    "category_count": ["[1, 2, 1]", "[1]"],
    "class_distribution": ["[[0.5, 0.5], [1, 0]]"],
    "estimated_probabilities": ["0.5", "2", "3"],
    "max_uncertainty_entropy": ["[[0.7, 0.3], [1, 0]]"],
    "max_uncertainty_least_confidence": ["[[0.7, 0.3], [1, 0]]"],
    "max_uncertainty_margin": ["[[0.7, 0.3], [1, 0]]"],
    "mean_uncertainty": ["[[0.5, 1], [0.25]]"],
    "mean_vector": ["[[0.5, 0.5], [1, 0]]"],
    "object_frequency_unscaled": ["[1, 2, 1]"],
    "objectness_least_confidence": ["[0.5, 0.25]"],
    "uncertainty_entropy": ["[0.7, 0.3]"],
    "uncertainty_least_confidence": ["[0.7, 0.3]"],
    "uncertainty_margin": ["[0.7, 0.3]"],
}
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def call(name: str, arguments: Sequence[str]) -> str:
    return f"{name}({', '.join(arguments)})"


def test_every_file_is_a_sentence_a_macro_and_its_comment() -> None:
    assert [path.stem for path in FILES if not is_a_documented_macro(path)] == []


def is_a_documented_macro(path: Path) -> bool:
    sentence, *lines = path.read_text(encoding="utf-8").splitlines()
    return (
        re.fullmatch(r"-- [A-Z].*\.", sentence) is not None
        and lines[0].startswith(f"CREATE OR REPLACE TEMP MACRO {path.stem}(")
        and lines[-1].startswith(f"COMMENT ON MACRO {path.stem} IS '")
        and [line[-1] for line in lines].count(";") == 2
    )


@each_file
def test_a_macro_calls_nothing_but_functions_of_duckdb(con: Con, path: Path) -> None:
    """It works alone, in an attached database, where another macro would not be found."""
    text = path.read_text(encoding="utf-8").replace(f"TEMP MACRO {path.stem}", f"MACRO {path.stem}")
    con.execute("ATTACH ':memory:' AS other")
    con.execute(re.sub(rf"(MACRO )({path.stem}\b)", r"\1other.\2", text))
    con.execute(f"SELECT other.{call(path.stem, ARGUMENTS[path.stem])}")
    text = "SELECT comment FROM duckdb_functions() WHERE database_name = 'other' AND comment > ''"
    assert len(con.execute(text).fetchall()) == 1


@each_file
def test_no_name_inside_of_a_macro_collides_with_one_of_a_lambda(scored: Con, path: Path) -> None:
    """DuckDB puts arguments in as text, so a lambda inside could take one of its own name for its own."""
    arguments = ARGUMENTS[path.stem]
    expected = scored.execute(f"SELECT {call(path.stem, arguments)}").fetchall()
    body = path.read_text(encoding="utf-8").split("\n", 1)[1].split("COMMENT ON")[0]
    for name in set(re.findall(r"[a-z_]+", body)) - {"lambda"}:
        for i, argument in enumerate(arguments):
            inner = call(path.stem, [*arguments[:i], name, *arguments[i + 1 :]])
            text = f"SELECT list_transform([{argument}], lambda {name}: {inner})[1]"
            assert scored.execute(text).fetchall() == expected, text


@pytest.mark.parametrize("name", ARGUMENTS)
def test_what_is_constant_is_computed_before_the_query_runs(scored: Con, name: str) -> None:
    text = f"EXPLAIN SELECT {call(name, ARGUMENTS[name])}"
    ((_, plan),) = scored.execute(text).fetchall()
    assert "(" not in plan


def test_macros_work_where_nothing_may_be_written(tmp_path: Path) -> None:
    file = tmp_path / "images.duckdb"
    with duckdb.connect(file) as con:
        con.execute("CREATE TABLE images AS SELECT [0.5, 0.5]::FLOAT[2] AS p")
    with duckdb.connect(file, read_only=True) as con:
        for path in FILES:
            con.execute(path.read_text(encoding="utf-8"))
        text = "SELECT max(uncertainty_margin(p)), mean_vector(list(p)) FROM images"
        assert con.execute(text).fetchall() == [(1.0, [0.5, 0.5])]


def test_lists_of_a_parquet_file_are_read(scored: Con, tmp_path: Path) -> None:
    file = str(tmp_path / "images.parquet")
    scored.execute(f"COPY (SELECT [0.75, 0.25]::FLOAT[] AS p UNION ALL SELECT NULL) TO '{file}'")
    text = f"SELECT uncertainty_margin(p) FROM '{file}'"
    assert scored.execute(text).fetchall() == [(0.5,), (None,)]


@pytest.mark.parametrize(
    "setting", ["integer_division = true", "ieee_floating_point_ops = false", "threads = 1"]
)
def test_settings_of_the_session_change_nothing(scored: Con, setting: str) -> None:
    text = f"SELECT {', '.join(call(*item) for item in ARGUMENTS.items())}"
    before = scored.execute(text).fetchall()
    scored.execute(f"SET {setting}")
    assert scored.execute(text).fetchall() == before
