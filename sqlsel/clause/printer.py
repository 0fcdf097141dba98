"""Prints a clause from strategies and options as Python values; the SQL macros call it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlsel.clause.fed_inputs import PER_ROW
from sqlsel.clause.scanner import Token, scan
from sqlsel.clause.signatures import CLAUSE_OPTIONS, Signatures
from sqlsel.errors import InvalidInput, unknown
from sqlsel.sqltext.quoting import constant, identifier, literal, percentage

Strategy = Mapping[str, Any]
_STOPS = frozenset(
    """
    LIMIT OFFSET UNION INTERSECT EXCEPT RETURNING ORDER FETCH WHERE GROUP HAVING QUALIFY WINDOW USING
    """.split()  # noqa: SIM905 - two lines are read sooner than fourteen
)
_FILES = ("parquet", "csv", "tsv", "json", "ndjson", "jsonl")


def printed(
    source: str,
    strategies: Strategy | Sequence[Strategy],
    options: Strategy,
    signatures: Signatures,
) -> str:
    """``SELECT *, rank, gain, values FROM source USING STRATEGY …``.

    Each strategy is a mapping of ``strategy`` (its name), ``input`` (SQL text) and its options;
    ``options`` are those of the clause, and n_samples or proportion_samples. None: not given.
    Raises InvalidInput for what is not one expression, or is no option.
    """
    many = [strategies] if isinstance(strategies, Mapping) else list(strategies)
    if not many or not all(isinstance(one, Mapping) and "strategy" in one for one in many):
        raise InvalidInput(
            "the strategies must be a row of calls such as "
            "(sqlsel.diversity('embedding'), sqlsel.weights('score'))"
        )
    clause_options = {name: value for name, value in options.items() if value is not None}
    limit = _limit(
        clause_options.pop("n_samples", None), clause_options.pop("proportion_samples", None)
    )
    items = [_call(one, signatures) for one in many]
    items += [f"{name} := {_option(name, value)}" for name, value in clause_options.items()]
    return (
        "SELECT *, selection_rank() AS rank, selection_gain() AS gain, "
        f"selection_values() AS selection_values\nFROM {relation(source)}\n"
        f"USING STRATEGY {', '.join(items)}\n{limit}"
    )


def _limit(count: Any, proportion: Any) -> str:
    if (count is None) == (proportion is None):
        raise InvalidInput("give exactly one of n_samples and proportion_samples")
    if count is not None:
        return f"LIMIT {_whole('n_samples', count)}"
    if isinstance(proportion, bool) or not isinstance(proportion, (int, float)):
        raise InvalidInput(f"proportion_samples must be a number from 0 to 1, got {proportion!r}")
    if not 0 <= proportion <= 1:
        raise InvalidInput(f"proportion_samples must lie between 0 and 1, got {proportion:g}")
    return f"LIMIT {percentage(proportion)}"


def _whole(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidInput(f"{name} must be a whole number of at least 0, got {value!r}")
    return literal(value)


def _call(strategy: Strategy, signatures: Signatures) -> str:
    name = str(strategy["strategy"]).upper()
    if name not in signatures:
        raise InvalidInput(unknown("strategy", name, signatures))
    arguments = []
    if signatures[name].input:
        arguments.append(expression(strategy.get("input"), name))
    for option, value in strategy.items():
        if option not in ("strategy", "input") and value is not None:
            text = _query(value) if option == "query" else constant(value)
            arguments.append(f"{option} := {text}")
    return f"{name}({', '.join(arguments)})"


def _query(value: Any) -> str:
    return f"({balanced(value, 'query')})" if isinstance(value, str) else constant(value)


def _option(name: str, value: Any) -> str:
    if name not in CLAUSE_OPTIONS:
        raise InvalidInput(unknown("option", name, CLAUSE_OPTIONS))
    return expression(value, name) if name in PER_ROW else constant(value)


def expression(value: Any, owner: str) -> str:
    """The text of one SQL expression, judged by its brackets and commas; InvalidInput for anything else."""
    text = balanced(value, owner)
    if any(t.depth == 0 and (t.text in (",", ":=", "=>") or t.word in _STOPS) for t in scan(text)):
        raise InvalidInput(f"{owner}: {text!r} is not one expression")
    return text


def balanced(text: Any, owner: str) -> str:
    """``text`` without trailing comments, if its brackets and texts are closed and it holds no ``;``.

    So it cannot end the statement into which it is put. InvalidInput for anything else.
    """
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput(f"{owner} needs an expression as text, such as 'embedding'")
    tokens = scan(text)
    ended = len(scan(f"{text}\n)")) == len(tokens) + 1  # no open string, name or comment
    if not tokens or not ended or not _closed(tokens) or any(t.text == ";" for t in tokens):
        raise InvalidInput(f"{owner}: {text!r} is not one expression")
    return str(text[: tokens[-1].end])


def _closed(tokens: Sequence[Token]) -> bool:
    """Whether every bracket is closed, and none is closed that was not opened."""
    depth = 0
    for token in tokens:
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
        if depth < 0:
            return False
    return depth == 0


def relation(source: Any) -> str:
    """``source`` as FROM takes it: a table's name, a file's name in quotes, a subquery or table function."""
    text = balanced(source, "the source")
    tokens = scan(text)
    named = all(t.kind in ("word", "quoted") or t.text == "." for t in tokens)
    if len(tokens) == 1 and tokens[0].kind == "string":
        return text
    if _is_call(tokens) or (named and _is_path(tokens)):
        return literal(text) if text.rsplit(".", 1)[-1].lower() in _FILES else text
    looks_like_a_file = "/" in text or "*" in text or "." in text
    return literal(text) if looks_like_a_file else identifier(text)


def _is_call(tokens: Sequence[Token]) -> bool:
    """Whether the tokens are a subquery in brackets or a table function, and nothing behind its bracket."""
    opening = next((i for i, t in enumerate(tokens) if t.text == "("), None)
    if opening is None or tokens[-1].text != ")" or not _is_path(tokens[:opening]):
        return False
    return all(t.depth > 0 for t in tokens[opening + 1 : -1])


def _is_path(tokens: Sequence[Token]) -> bool:
    """Whether the tokens are names with dots between them, or none at all."""
    alternate = all((t.text == ".") == bool(i % 2) for i, t in enumerate(tokens))
    return not tokens or (alternate and len(tokens) % 2 == 1)
