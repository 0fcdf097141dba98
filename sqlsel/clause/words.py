"""Tells from the tokens whether a select list calls an aggregate, computes, or holds a star."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sqlsel.clause.clause_error import ClauseError
from sqlsel.clause.parsed import Expression
from sqlsel.clause.pseudo import PSEUDO
from sqlsel.clause.scanner import Token

_AGGREGATES = frozenset(
    """
    ANY_VALUE APPROX_COUNT_DISTINCT APPROX_QUANTILE APPROX_TOP_K ARBITRARY ARG_MAX ARG_MIN
    ARRAY_AGG AVG BIT_AND BIT_OR BIT_XOR BITSTRING_AGG BOOL_AND BOOL_OR CORR COUNT COUNT_IF
    COUNT_STAR COUNTIF COVAR_POP COVAR_SAMP ENTROPY FAVG FIRST FSUM GEOMEAN GEOMETRIC_MEAN
    GROUP_CONCAT HISTOGRAM KAHAN_SUM KURTOSIS KURTOSIS_POP LAST LIST LISTAGG MAD MAX MAX_BY MEAN
    MEDIAN MIN MIN_BY MODE PRODUCT QUANTILE QUANTILE_CONT QUANTILE_DISC REGR_SLOPE
    RESERVOIR_QUANTILE SEM SKEWNESS STDDEV STDDEV_POP STDDEV_SAMP STRING_AGG SUM SUM_NO_OVERFLOW
    SUMKAHAN VAR_POP VAR_SAMP VARIANCE
    """.split()  # noqa: SIM905 - eight lines are read sooner than seventy
)


def calls_aggregate(tokens: Sequence[Token]) -> bool:
    """Whether an aggregate is called: then a block has one row for many, also without GROUP BY."""
    return any(
        token.word in _AGGREGATES and following.text == "(" for token, following in pairwise(tokens)
    )


def is_plain_list(listed: Sequence[Token]) -> bool:
    """Whether the list has columns only; what is computed, say random(), may differ when it is read again."""
    for i, token in enumerate(listed):
        before = listed[i - 1].word if i else ""
        if token.text == "(" and before != "EXCLUDE" and before not in PSEUDO:
            return False
        if token.word in ("CASE", "REPLACE", "RENAME", "DISTINCT"):
            return False
    return True


def refuse_stars(sql: str, expressions: Sequence[Expression]) -> None:
    """ClauseError for expressions of several columns or rows: ``*``, ``t.*``, COLUMNS, unnest."""
    for expression in expressions:
        tokens = _outside_subqueries(expression.tokens)
        for i, token in enumerate(tokens):
            called = i + 1 < len(tokens) and tokens[i + 1].text == "("
            star = token.text == "*" and (i == 0 or tokens[i - 1].text == ".")
            if star or (called and token.word in ("COLUMNS", "UNNEST")):
                message = (
                    f"{expression.text} gives more than one value per row; "
                    "name one column or expression"
                )
                raise ClauseError(message, sql, expression.start, len(expression.text))


def _outside_subqueries(tokens: Sequence[Token]) -> list[Token]:
    """The tokens outside of subqueries."""
    outside: list[Token] = []
    depth: int | None = None
    for i, token in enumerate(tokens):
        if depth is not None and token.depth > depth:
            continue
        depth = None
        outside.append(token)
        opens = token.text == "(" and i + 1 < len(tokens)
        if opens and tokens[i + 1].word in ("SELECT", "FROM", "WITH"):
            depth = token.depth
    return outside
