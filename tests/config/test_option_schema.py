"""The schema knows the types of the options of strategies that are registered from outside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Annotated, Any, ClassVar, Literal

import pytest
from config.test_schema import fits

import sqlsel
from sqlsel.config import schema
from sqlsel.config.option_schema import option_schema
from sqlsel.engine.objective.strategy import Strategy, Takes
from sqlsel.engine.strategies import STRATEGIES, register
from sqlsel.feed.statements import others

Side = Literal["left", "right"]


@dataclass(frozen=True, eq=False)
class Odd(Strategy):
    """Prefer odd numbers: U = Σ odd.

    ``strength``: exponent of the objective. ``side``: where odd numbers stand;
    left or right. ``name``: what it is called.
    """

    kind: ClassVar[str] = "odd"
    takes: ClassVar[Takes] = "numbers"
    example: ClassVar[str] = "3"

    input: Any
    least: int
    _: KW_ONLY
    strength: float = 1.0
    side: Side | None = None
    shares: Mapping[str, float] | Sequence[float] | None = None
    name: Any = None
    flag: bool = False


@pytest.fixture
def odd() -> Iterator[None]:
    register(Odd)
    yield
    del STRATEGIES["ODD"]


def entry(**options: Any) -> dict[str, Any]:
    strategy = {"type": "ODD", **options}
    found = {"input": {"type": "METADATA", "key": "hour"}, "strategy": strategy}
    return {"n_samples": 3, "strategies": [found]}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"least": 3}, True),
        ({"least": 3, "strength": 2, "side": "left", "flag": True}, True),
        ({"least": 3, "shares": {"a": 0.5}, "name": ["anything"]}, True),
        ({"least": 3, "shares": [0.5, 1], "strength": None}, True),
        ({}, False),  # least is required
        ({"least": "3"}, False),
        ({"least": 3, "strength": "high"}, False),
        ({"least": 3, "side": "top"}, False),
        ({"least": 3, "shares": {"a": "half"}}, False),
        ({"least": 3, "flag": 1}, False),
        ({"least": 3, "lest": 1}, False),
    ],
)
def test_its_options_have_their_types(odd: None, options: dict[str, Any], expected: bool) -> None:
    root = json.loads(json.dumps(schema(others())))
    assert fits(entry(**options), root, root) is expected


def test_a_missing_option_a_wrong_one_and_a_wrong_value_are_told_with_their_path(odd: None) -> None:
    for options, said in (
        ({}, "strategies[0].strategy: needs 'least'"),
        ({"least": 3, "lest": 1}, "strategies[0].strategy: unknown key 'lest'"),
    ):
        with pytest.raises(sqlsel.ConfigError) as caught:
            sqlsel.validate(entry(**options))
        assert said in str(caught.value)


def test_defaults_and_what_the_docstring_says_are_in_the_schema(odd: None) -> None:
    known = others()["ODD"]
    assert known.required == ("least",)
    assert known.options["strength"] == {
        "type": "number",
        "default": 1.0,
        "description": "exponent of the objective.",
    }
    assert known.options["side"] == {
        "enum": ["left", "right"],
        "description": "where odd numbers stand; left or right.",
    }
    assert "type" not in known.options["name"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (int | float, {"type": "number"}),
        (str | None, {"type": "string"}),
        (Annotated[bool, "whether"], {"type": "boolean"}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (list, {"type": "array"}),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        (
            tuple[float, float],
            {
                "type": "array",
                "prefixItems": [{"type": "number"}] * 2,
                "minItems": 2,
                "maxItems": 2,
            },
        ),
        (dict[str, Any], {"type": "object"}),
        (Any, {}),
        (object, {}),
        (int | Any, {}),
        ("unresolved", {}),
    ],
)
def test_each_type_has_its_schema(kind: Any, expected: dict[str, Any]) -> None:
    assert option_schema(kind) == expected
