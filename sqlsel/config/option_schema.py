"""JSON Schema of an option, from its Python type annotation."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence, Set
from typing import Annotated, Any, Literal, Union, get_args, get_origin

Schema = dict[str, object]

_PLAIN: dict[Any, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}


def option_schema(kind: Any, default: object = None, description: str = "") -> Schema:
    """The schema of values of type ``kind``; {}, which allows anything, for a type without an equivalent in JSON.

    ``default``: None for an option without one. ``X | None`` has the schema of X: null is allowed for every option
    elsewhere, and means not set.
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
    container = origin or kind
    return _of_container(container, parts) if isinstance(container, type) else {}


def _of_container(kind: type, parts: Sequence[Any]) -> Schema:
    """The schema of a mapping, sequence, tuple or set; ``parts``: its type arguments."""
    if issubclass(kind, Mapping):
        return {"type": "object", **_members("additionalProperties", parts[1:])}
    if issubclass(kind, tuple) and parts and parts[-1] is not Ellipsis:
        return _tuple(parts)
    if issubclass(kind, (Sequence, Set)):
        return {"type": "array", **_members("items", parts[:1])}
    return {}


def _any_of(choices: Sequence[Schema]) -> Schema:
    """anyOf the choices, simplified: {} allows all others, and "number" allows integers."""
    if {} in choices:
        return {}
    numbers = {"type": "number"} in choices
    left = [one for one in choices if not (numbers and one == {"type": "integer"})]
    return left[0] if len(left) == 1 else {"anyOf": left}


def _members(word: str, parts: Sequence[Any]) -> Schema:
    """``{word: schema of the members}``; empty where their type is unknown."""
    member = _of_type(parts[0]) if parts else {}
    return {word: member} if member else {}


def _tuple(parts: Sequence[Any]) -> Schema:
    """An array of fixed length, each place with a type of its own."""
    members = [_of_type(part) for part in parts]
    length = {"minItems": len(parts), "maxItems": len(parts)}
    return {"type": "array", "prefixItems": members, **length}
