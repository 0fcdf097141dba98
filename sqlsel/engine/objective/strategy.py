"""What a strategy is: options that a user writes, what it reads of each row, and the objective that it opens.

One file below ``strategies/`` holds one strategy; all surfaces learn of it from its class.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, Literal, Self

from sqlsel.engine.kernels.exact import Index
from sqlsel.engine.objective.option_checks import check_arguments
from sqlsel.engine.objective.protocol import Mask, Objective, Poll, no_poll

Takes = Literal["vectors", "numbers", "classes", "nothing"]


@dataclass(frozen=True)
class Prepared:
    """A strategy's column, checked: which rows have a usable value, and the objective that it opens.

    ``notes``: what a user should know; ``slips``: those of them that are probably not as it was meant.
    ``feasible``: which rows the strategy lets through (None: all), by the rule that ``asked`` tells.
    ``exact``: whether nothing in the column is approximate.
    ``eligible``: which rows with a value may be candidates (None: all). ``remark``: what is to be said of the picks.
    """

    column: Any
    present: Mask
    objective: Objective
    notes: tuple[str, ...] = ()
    slips: tuple[str, ...] = ()
    feasible: Mask | None = None
    asked: str = ""
    exact: bool = True
    eligible: Mask | None = None
    remark: Callable[[Index], tuple[str, ...]] | None = None


@dataclass(frozen=True)
class Pool:
    """The rows that a strategy is prepared for.

    ``rows``: candidates and preselected ones, of which "mean" and "input" speak. ``on_invalid``: 'error' or 'skip'.
    ``order``: the rank of each row's id; ``ids``: gives the ids. ``graphs``: where graphs of neighbours are kept.
    """

    rows: Mask
    on_invalid: str = "error"
    poll: Poll = no_poll
    order: Index | None = None
    ids: Callable[[], Sequence[Any]] = lambda: ()
    seed: int = 0
    graphs: Any = None


class Strategy:
    """What the user wrote: a frozen dataclass whose fields are the options, and ``input`` where it reads a column.

    ``kind``: its name in Python, in messages and in result columns; in SQL it is written in capitals.
    ``takes``: what it reads of each row. ``second``: the option that may follow the input without its name.
    ``example``: a value for a required option, for messages. The docstring's first line says what it prefers.
    """

    kind: ClassVar[str]
    takes: ClassVar[Takes] = "numbers"
    second: ClassVar[str | None] = None
    example: ClassVar[str] = ""
    label: ClassVar[str] = ""  # of its result column, where that is not its kind
    filters: ClassVar[bool] = False  # it says who is a candidate, and has no objective
    in_json: ClassVar[bool] = True  # False where a configuration says it in another way
    keeps_graphs: ClassVar[bool] = False  # graphs of neighbours, beside the catalogue
    bars: ClassVar[str] = ""  # why it may bar all candidates that are left, as the end of a message

    def __new__(cls, *values: Any, **options: Any) -> Self:
        """TypeError, with the options that there are, where arguments and options do not fit together."""
        check_arguments(cls.kind, inspect.signature(cls), values, options)
        return super().__new__(cls)

    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]:
        """What a copy or a pickle is made with, since ``__new__`` looks at the arguments."""
        return (), {f.name: getattr(self, f.name) for f in fields(self) if f.init}  # type: ignore[arg-type]

    @classmethod
    def options(cls) -> tuple[str, ...]:
        """The names of the options, in the order of the class."""
        return tuple(f.name for f in fields(cls) if f.name != "input")  # type: ignore[arg-type]

    @classmethod
    def required(cls) -> tuple[str, ...]:
        """The options that have no default."""
        return tuple(
            f.name
            for f in fields(cls)  # type: ignore[arg-type]
            if f.name != "input" and f.default is MISSING and f.default_factory is MISSING
        )

    @classmethod
    def explained(cls, options: Mapping[str, str], graphs: Any) -> Iterator[str]:
        """How it is computed, in lines for EXPLAIN; ``options`` as they were written in SQL."""
        yield f"{cls.kind.upper()}: exact, by order of the values"

    def prepare(self, values: Any, present: Mask, pool: Pool) -> Prepared:
        """The column of this strategy from its input: ``values`` of all rows, ``present`` where there is one."""
        raise NotImplementedError
