"""Prints one strategy of a clause."""

from __future__ import annotations

from sqlsel.sqltext import quoting

Options = dict[str, float | str | None]


def call(name: str, arguments: list[str], options: Options) -> str:
    """``NAME(arguments, option := value, …)``; options of None are left out, texts are SQL already."""
    named = [
        f"{option} := {value if isinstance(value, str) else quoting.literal(value)}"
        for option, value in options.items()
        if value is not None
    ]
    return f"{name}({', '.join(arguments + named)})"


def exponent(strength: float) -> float | None:
    """The strength; None for the default of 1, so that it is not printed."""
    return None if strength == 1.0 else strength
