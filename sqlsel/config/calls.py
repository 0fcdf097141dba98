"""The text of one strategy in a clause."""

from __future__ import annotations

from sqlsel.sqltext import quoting

Options = dict[str, float | str | None]


def call(name: str, arguments: list[str], options: Options) -> str:
    """A strategy with those of its options that are set; a text is SQL already."""
    named = [
        f"{option} := {value if isinstance(value, str) else quoting.literal(value)}"
        for option, value in options.items()
        if value is not None
    ]
    return f"{name}({', '.join(arguments + named)})"


def exponent(strength: float) -> float | None:
    """A strength that is not the usual one."""
    return None if strength == 1.0 else strength
