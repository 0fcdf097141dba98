"""The names of the fields of selection_values(), one per strategy."""

from __future__ import annotations

from collections.abc import Sequence


def value_names(labels: Sequence[str]) -> list[str]:
    """``diversity``, ``weights``, ``weights_2`` …: equal labels are numbered from the second on."""
    names: list[str] = []
    for name in labels:
        again = sum(n == name or n.startswith(f"{name}_") for n in names)
        names.append(f"{name}_{again + 1}" if again else name)
    return names
