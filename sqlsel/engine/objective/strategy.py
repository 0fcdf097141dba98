"""The base class of strategies: its options, the kind of its input, and ``prepare``, which opens the objective.

Each file below ``strategies/`` has one subclass; all surfaces read what they need from the class.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, Literal, Self, get_type_hints

from sqlsel.engine.kernels.exact import Index
from sqlsel.engine.objective.option_checks import check_arguments
from sqlsel.engine.objective.protocol import Mask, Objective, Poll, no_poll

Takes = Literal["vectors", "numbers", "classes", "nothing"]


@dataclass(frozen=True)
class Prepared:
    """A strategy's checked column, the mask ``present`` of rows with a usable value, and the objective.

    ``notes``: lines for the user; ``input_warnings``: those that warn of input that is probably not as intended.
    ``feasible``: mask of rows that may be picked (None: all), by the ``rule`` that messages name.
    ``exact``: whether nothing in the column is approximate. ``eligible``: mask of rows with a value that may be
    candidates (None: all). ``remark``: gives notes about the picks, from their row numbers.
    """

    column: Any
    present: Mask
    objective: Objective
    notes: tuple[str, ...] = ()
    input_warnings: tuple[str, ...] = ()
    feasible: Mask | None = None
    rule: str = ""
    exact: bool = True
    eligible: Mask | None = None
    remark: Callable[[Index], tuple[str, ...]] | None = None


@dataclass(frozen=True)
class Pool:
    """The rows that a strategy is prepared for.

    ``rows``: mask of candidates and preselected rows; means and the target 'input' are taken over them.
    ``on_invalid``: 'error' or 'skip'. ``order``: the rank of each row's id; ``ids``: gives the ids. ``graphs``: the
    source of neighbour graphs (neighbours/graphs.py); None: built in memory.
    """

    rows: Mask
    on_invalid: str = "error"
    poll: Poll = no_poll
    order: Index | None = None
    ids: Callable[[], Sequence[Any]] = lambda: ()
    seed: int = 0
    graphs: Any = None


class Strategy:
    """A frozen dataclass whose fields are the options that a user sets, and ``input`` where it reads a column.

    ``kind``: its name in Python, in messages and in result columns; in SQL it is in capitals. ``takes``: the kind of
    its input. ``second``: the option that may be the second argument, unnamed. ``example``: a value of a required
    option, for messages. The docstring's first line says what it prefers.
    """

    kind: ClassVar[str]
    takes: ClassVar[Takes] = "numbers"
    second: ClassVar[str | None] = None
    example: ClassVar[str] = ""
    label: ClassVar[str] = ""  # of its result column, where that is not its kind
    filters: ClassVar[bool] = False  # it says who is a candidate, and has no objective
    in_json: ClassVar[bool] = True  # False where a configuration says it in another way
    unit_distance: ClassVar[bool] = (
        False  # its distances are between unit vectors, unless asked otherwise
    )
    keeps_graphs: ClassVar[bool] = False  # graphs of neighbours, beside the catalogue
    selects: ClassVar[str] = (
        ""  # which rows, in half a sentence; where it is empty, the docstring's first line
    )
    infeasible_reason: ClassVar[str] = ""  # why no candidate left may be picked, for messages

    def __new__(cls, *values: Any, **options: Any) -> Self:
        """TypeError, which lists the options, for unknown, missing, repeated or too many arguments."""
        signature = inspect.signature(cls)
        check_arguments(cls.kind, signature, values, options, unit_distance=cls.unit_distance)
        return super().__new__(cls)

    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]:
        """The arguments of ``__new__`` for copy and pickle: it checks them, so they cannot be left out."""
        return (), {f.name: getattr(self, f.name) for f in fields(self) if f.init}  # type: ignore[arg-type]

    @classmethod
    def purpose(cls) -> str:
        """What it prefers: the first line of its docstring."""
        return (cls.__doc__ or "").split("\n")[0]

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
    def defaults(cls) -> dict[str, Any]:
        """The options that have a default, and that."""
        return {
            f.name: f.default
            for f in fields(cls)  # type: ignore[arg-type]
            if f.name != "input" and f.default is not MISSING
        }

    @classmethod
    def option_types(cls) -> dict[str, Any]:
        """Option → type annotation; Any for all if one names a type that is not imported at run time."""
        try:
            types = get_type_hints(cls, include_extras=True)
        except NameError:  # imported for type checkers only
            types = {}
        return {name: types.get(name, Any) for name in cls.options()}

    @classmethod
    def described(cls) -> dict[str, str]:
        """Option → description, from the docstring, where ``name``: precedes its sentences."""
        text = " ".join((cls.__doc__ or "").partition(">>>")[0].split())
        pairs = re.findall(r"``(\w+)``: (.*?)(?= ``\w+``: |$)", text)
        return {name: description for name, description in pairs if name in cls.options()}

    @classmethod
    def explained(cls, options: Mapping[str, str], graphs: Any) -> Iterator[str]:
        """Lines of EXPLAIN on how it is computed; ``options``: their SQL text, ``graphs``: as in ``Pool``."""
        yield f"{cls.kind.upper()}: exact, by order of the values"

    def prepare(self, values: Any, present: Mask, pool: Pool) -> Prepared:
        """The column and the objective; ``values``: the input of all rows, ``present``: mask of those that have one.

        InvalidInput for values that cannot be used.
        """
        raise NotImplementedError
