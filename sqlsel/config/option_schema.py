"""The JSON Schema of an option, from its type in Python."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence, Set
from typing import Annotated, Any, Literal, Union, get_args, get_origin

Schema = dict[str, object]

_PLAIN: dict[Any, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}


def option_schema(kind: Any, default: object = None, description: str = "") -> Schema:
    """What JSON may stand for a value of this type; of a type that JSON has not, anything may.

    ``default``: None where there is none. None itself is no type here: every option may be null, which leaves it out.
    """
    schema = _of_type(kind)
    if isinstance(default, (bool, int, float, str)):
        schema["default"] = default
    if description:
        schema["description"] = description
    return schema


def _of_type(kind: Any) -> Schema:
    if kind in _PLAIN:
        return {"type": _PLAIN[kind]}
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"enum": [*parts]}
    if origin in (Annotated, Union, types.UnionType):
        choices = parts[:1] if origin is Annotated else parts
        return _any_of([_of_type(one) for one in choices if one is not type(None)])
    held = origin or kind
    return _of_container(held, parts) if isinstance(held, type) else {}


def _of_container(kind: type, parts: Sequence[Any]) -> Schema:
    """Of a mapping, a sequence, a tuple of so many, or a set; ``parts``: the types of what it holds."""
    if issubclass(kind, Mapping):
        return {"type": "object", **_held("additionalProperties", parts[1:])}
    if issubclass(kind, tuple) and parts and parts[-1] is not Ellipsis:
        return _tuple(parts)
    if issubclass(kind, (Sequence, Set)):
        return {"type": "array", **_held("items", parts[:1])}
    return {}


def _any_of(choices: Sequence[Schema]) -> Schema:
    """One of some; an integer is a number, and where anything may stand the rest says nothing."""
    if {} in choices:
        return {}
    numbers = {"type": "number"} in choices
    left = [one for one in choices if not (numbers and one == {"type": "integer"})]
    return left[0] if len(left) == 1 else {"anyOf": left}


def _held(word: str, parts: Sequence[Any]) -> Schema:
    """What the members are, where that is known."""
    member = _of_type(parts[0]) if parts else {}
    return {word: member} if member else {}


def _tuple(parts: Sequence[Any]) -> Schema:
    """An array of so many values, each of a type of its own."""
    members = [_of_type(part) for part in parts]
    length = {"minItems": len(parts), "maxItems": len(parts)}
    return {"type": "array", "prefixItems": members, **length}
