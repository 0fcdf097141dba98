"""What scikit-learn asks of a selector: its tags, its metadata routing, and its error before ``fit``.

scikit-learn is imported only where it calls, since sqlsel works without it.
"""

from __future__ import annotations

import sys
from collections.abc import Set as AbstractSet
from typing import Any

from sqlsel.errors import SqlselError


class NotFitted(SqlselError, ValueError, AttributeError):
    """A method that needs the picks was called before ``fit``; raised where scikit-learn is not loaded.

    Where it is (``sklearn.exceptions`` is imported), its NotFittedError is raised instead, which is no NotFitted. Both
    are ValueError and AttributeError: catch one of these to catch either.
    """


def not_fitted(name: str, method: str) -> Exception:
    """The error that ``method`` of an estimator ``name`` raises before ``fit``: NotFittedError, else NotFitted."""
    loaded = sys.modules.get("sklearn.exceptions")
    kind: type[Exception] = NotFitted if loaded is None else loaded.NotFittedError
    return kind(f"this {name} is not fitted yet: call fit before {method}")


def tags(names: AbstractSet[str], *, allow_nan: bool) -> Any:
    """The Tags of a selector whose strategies name the inputs ``names``, such as "X" and "y".

    ``allow_nan``: whether X may hold NaN. ImportError without scikit-learn.
    """
    from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

    return Tags(
        estimator_type=None,
        target_tags=TargetTags(required="y" in names),
        transformer_tags=TransformerTags(preserves_dtype=["float64", "float32"]),
        input_tags=InputTags(sparse="X" not in names, allow_nan=allow_nan),
    )


def request(owner: Any, names: AbstractSet[str]) -> Any:
    """The MetadataRequest of selector ``owner``: ``fit`` takes ids, masks, groups, and the inputs ``names``.

    ImportError without scikit-learn.
    """
    from sklearn.utils.metadata_routing import MetadataRequest

    routed = MetadataRequest(owner=owner)
    for name in sorted({"ids", "candidates", "preselected", "by"} | names):
        routed.fit.add_request(param=name, alias=True)
    return routed
