"""BALANCE: bring the class shares of the selection close to a target."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from typing import Any, ClassVar, Literal

import numpy as np

from sqlsel.engine.kernels.class_input import Classes, as_classes, category, shared
from sqlsel.engine.kernels.singles import Singles
from sqlsel.engine.objective import Prepared
from sqlsel.engine.objective.class_columns import in_columns, mass_of
from sqlsel.engine.objective.option_checks import check_strength, named, number
from sqlsel.engine.objective.protocol import Mask
from sqlsel.engine.objective.shares import Shares
from sqlsel.engine.objective.single_shares import SingleShares
from sqlsel.engine.objective.strategy import Pool, Strategy, Takes
from sqlsel.errors import InvalidInput, suggestion

Target = Mapping[Any, float] | Sequence[float] | Literal["uniform", "input"]


@dataclass(frozen=True, eq=False)
class Balance(Strategy):
    """Bring class shares to the target: U = 1 / H(target, shares), the inverse cross-entropy.

    ``target``: class → share, a list of shares, 'uniform' (equal shares of the classes present) or 'input' (the shares
    of the pool). Classes not named are together one more class that gets the rest; ``other='ignore'`` drops their mass.
    A row without a class counts as one average row of that other class.
    ``classes``: names of the positions, when the input is a list of masses. ``strength``: exponent of the objective.
    """

    kind: ClassVar[str] = "balance"
    takes: ClassVar[Takes] = "classes"
    selects: ClassVar[str] = "rows that bring class shares to ``target``."
    second: ClassVar[str | None] = "target"

    input: Any
    target: Target = "uniform"
    _: KW_ONLY
    strength: float = 1.0
    other: Literal["class", "ignore"] = "class"
    classes: Sequence[str] | None = None

    def __post_init__(self) -> None:
        check_strength(self.strength)
        if self.other not in ("class", "ignore"):
            raise ValueError(f"other must be 'class' or 'ignore', got {self.other!r}")
        check_target(self.target)
        check_classes(self.classes)

    @classmethod
    def explained(cls, options: Mapping[str, str], graphs: Any) -> Iterator[str]:
        yield (
            "BALANCE: exact, by class where rows have one each, by distinct class rows up to 128 of them, "
            "else by a bound of the cross-entropy"
        )

    def prepare(self, values: Any, present: Mask, pool: Pool) -> Prepared:
        """The masses of the target's classes per row; shares of 'uniform' and 'input' are those of the pool."""
        input_classes = as_classes(values, self.classes)
        check_unnamed(self.classes, input_classes, named(self.input, "the input"))
        target, remainder, notes = resolve_target(self.target, input_classes, pool.rows)
        classes, mass, has_other = in_columns(
            input_classes, target, pool.rows, unnamed=self.other == "class"
        )
        shares = np.array([target.get(name, 0.0) for name in classes.names])
        if has_other:
            shares[-1] = remainder if self.other == "class" else 0.0
        if shares.sum() <= 0:
            raise InvalidInput(
                "BALANCE: the target is zero for every class; give at least one share above 0",
                option="target",
            )
        without = mass.of_rows(input_classes)
        eligible = None
        if self.strength < 0 and mass.n_empty:
            # Away from the target they would all be picked first, since nobody asks for their column.
            eligible = ~without
            rows = "row has" if mass.n_empty == 1 else "rows have"
            notes += (
                f"{mass.n_empty} {rows} no class, and cannot be picked with a negative strength",
            )
        column = shared(classes)
        objective: Any = SingleShares if isinstance(column.table, Singles) else Shares
        return Prepared(
            column,
            np.ones(len(input_classes), np.bool_),
            objective(self.strength, shares, classes.names),
            notes,
            notes,
            eligible=eligible,
            remark=lambda rows: _without_class(without[rows]),
        )


def _without_class(without: Mask) -> tuple[str, ...]:
    """A note on the number of picks without a class; none without such picks."""
    count = int(without.sum())
    return (f"{count} pick{'s have' if count > 1 else ' has'} no class",) if count else ()


def check_classes(classes: Sequence[str] | None) -> None:
    """ValueError where a name occurs twice."""
    names = [str(name) for name in ([] if classes is None else classes)]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"classes has {twice!r} twice; each position needs a name of its own")


def check_unnamed(classes: Sequence[str] | None, rows: Classes, name: str) -> None:
    """InvalidInput where ``classes`` is given for an input that names its classes itself."""
    if classes is None or (not rows.single and rows.names == tuple(map(str, classes))):
        return
    holds = "holds a class per row" if rows.single else "names its classes itself"
    raise InvalidInput(
        f"BALANCE: classes names the positions of lists of masses, and {name} {holds}; leave classes out",
        option="classes",
    )


def check_target(target: Any) -> None:
    """TypeError or ValueError unless it is 'uniform', 'input', or finite shares of at least 0, not all 0."""
    if isinstance(target, str):
        if target not in ("uniform", "input"):
            meant = suggestion(target, ["uniform", "input"])
            raise ValueError(
                f"target must be 'uniform', 'input' or class shares, got {target!r}{meant and '.' + meant}"
            )
        return
    if not isinstance(target, (Mapping, Sequence, np.ndarray)):
        raise TypeError(
            f"target must be 'uniform', 'input' or class shares, got {type(target).__name__}"
        )
    shares = target.items() if isinstance(target, Mapping) else enumerate(target)
    share_of_class = {
        category(name): number(f"target of {category(name)!r}", share) for name, share in shares
    }
    for name, share in share_of_class.items():
        if share < 0:
            raise ValueError(f"target of {name!r} must be a number of at least 0, got {share:g}")
    if not share_of_class or not any(share_of_class.values()):
        raise ValueError("target is empty; name at least one class with a share above 0")


def resolve_target(
    target: Target, classes: Classes, pool: Mask
) -> tuple[dict[str, float], float, tuple[str, ...]]:
    """(class → share, the share of all other classes, notes); InvalidInput for unknown classes.

    ``pool``: the rows over which 'uniform' and 'input' are taken.
    """
    if isinstance(target, str):
        return *_shares_of(target, classes, pool), ()
    if not isinstance(target, Mapping):
        if len(target) != len(classes.names):
            raise InvalidInput(
                f"BALANCE: the target lists {len(target)} shares for {len(classes.names)} classes",
                option="target",
            )
        target = dict(zip(classes.names, target, strict=True))
    shares = {str(category(name)): float(share) for name, share in target.items()}
    unknown = [name for name in shares if name not in classes.names]
    for name in (
        unknown
    ):  # of an open set of categories one may merely be absent, unless it looks like a slip
        meant = suggestion(name, set(classes.names) - set(shares))
        if classes.closed or meant:
            raise InvalidInput(
                f"BALANCE: unknown class {name!r}.{meant} Classes: {', '.join(classes.names[:12])}",
                option="target",
            )
    notes = tuple(f"class {name!r} of the target does not occur" for name in unknown[:20])
    if len(unknown) > 20:
        notes += (f"{len(unknown) - 20} more classes of the target do not occur",)
    total = math.fsum(shares.values())
    if total > 1 + 1e-9:
        notes += (
            f"the target's shares sum to {total:g}; they are normalised and other classes get 0",
        )
        return _normalised(shares), 0.0, notes
    return shares, _left_of(shares.values()), notes


def _shares_of(target: str, classes: Classes, pool: Mask) -> tuple[dict[str, float], float]:
    """(class → share, share of rows without class): equal shares of the classes in ``pool``, or their own."""
    masses = zip(classes.names, classes.masses(pool).tolist(), strict=True)
    present = {name: mass for name, mass in masses if mass > 0}
    if not present:
        present = dict.fromkeys(classes.names, 1.0) or {"": 1.0}
        return {name: 1.0 / len(present) for name in present}, 0.0
    if target == "uniform":
        return {name: 1.0 / len(present) for name in present}, 0.0
    mass = mass_of(classes, pool)
    without = mass.n_empty * mass.average
    total = math.fsum((*present.values(), without))
    return {name: share / total for name, share in present.items()}, without / total


def _left_of(shares: Iterable[float]) -> float:
    """1 − Σ shares, in decimal: .2 and .4 leave exactly .4; 0 where less than 1e-9 is left."""
    left = 1 - sum((Decimal(repr(share)) for share in shares), Decimal(0))
    return float(left) if left >= Decimal("1e-9") else 0.0


def _normalised(shares: Mapping[str, float]) -> dict[str, float]:
    total = math.fsum(shares.values())
    return {name: share / total for name, share in shares.items()}
