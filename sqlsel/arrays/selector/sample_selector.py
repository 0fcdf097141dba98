"""Selection as a step of scikit-learn: ``SampleSelector(n_samples=100).fit_transform(X)``.

It keeps scikit-learn's conventions without inheriting from it: sqlsel works where scikit-learn is not installed.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from sqlsel.arrays import ArraySelection, select
from sqlsel.arrays.frame_columns import names_of
from sqlsel.arrays.selector.named_inputs import Inputs, bound, n_rows, names_in, read, taken
from sqlsel.arrays.selector.output_frames import as_kind, check_kind
from sqlsel.arrays.selector.same import differ, some_of
from sqlsel.arrays.selector.shown import options
from sqlsel.engine.optimizer.budget import check_budget
from sqlsel.errors import InvalidInput, SqlselError, unknown


class NotFitted(SqlselError, ValueError, AttributeError):
    """The selector is not fitted yet; scikit-learn's NotFittedError where that is loaded."""


class SampleSelector:
    """Pick rows of X by strategies, as a transformer of scikit-learn.

    ``strategies``: one or a list; default: diversity of X. The input of each is an array with one entry per row, or a
    name: "X" is the data given to ``fit`` (in a Pipeline what the step before made), "y" the labels, any other name a
    keyword of ``fit`` (in a Pipeline ``sampleselector__uncertainty=u``) or else a column of X, where X is a frame.
    ``n_samples`` or ``proportion_samples``: how many rows. ``n_counts``, ``on_invalid``, ``seed``: as in ``select``.

    After ``fit``: ``ranking_``, the numbers of the picked rows in the order of the picks; ``support_``, a mask over
    the rows; ``gains_``, ``values_`` and ``stopped_by_`` as in ``result_``, the ArraySelection; ``n_features_in_``
    where X is a matrix, ``feature_names_in_`` where its columns have names. The labels of the picks are
    ``y[selector.ranking_]``.

    As a step of a Pipeline it leaves the picks to the later steps. Those get all of y, so they must not need labels.
    Predict for other data with the later steps alone, such as ``pipeline[-1]``: through the selector that is an
    error, also in ``cross_val_score``, whether the other data has as many rows or not. Score there with a function
    that leaves the selector out, or select before the split.

    >>> selector = SampleSelector(n_samples=2).fit([[0.0, 1], [0, 2], [1, 0], [1, 1]])
    >>> selector.ranking_.tolist(), selector.transform(["a", "b", "c", "d"])
    ([0, 2], ['a', 'c'])
    """

    def __init__(
        self,
        strategies: Any = None,
        n_samples: int | None = None,
        *,
        proportion_samples: float | None = None,
        n_counts: Literal["new", "total"] = "new",
        on_invalid: Literal["error", "skip"] = "error",
        seed: int = 0,
    ) -> None:
        self.strategies = strategies
        self.n_samples = n_samples
        self.proportion_samples = proportion_samples
        self.n_counts = n_counts
        self.on_invalid = on_invalid
        self.seed = seed

    def fit(
        self,
        X: Any,  # noqa: N803 - the name that scikit-learn's users expect
        y: Any = None,
        *,
        ids: Any = None,
        candidates: Any = None,
        preselected: Any = None,
        by: Any = None,
        **inputs: Any,
    ) -> Self:
        """Pick among the rows of X, and return the selector.

        ``ids``, ``candidates``, ``preselected``, ``by``: as in ``select``. ``inputs``: what strategies name, one
        entry per row. Warns with ShortSelection of fewer picks than asked. Raises ValueError or TypeError for bad
        arguments, InvalidInput (a ValueError) for bad data and for names that nothing has.
        """
        check_budget(self.n_samples, self.proportion_samples, ("n_samples", "proportion_samples"))
        data = read(X)
        rows = n_rows(data)
        selection = select(
            np.zeros((rows, 1)),  # tells how many rows there are; the strategies hold the data
            self.n_samples,
            proportion=self.proportion_samples,
            strategies=bound(self.strategies, Inputs(data, y, inputs)),
            candidates=candidates,
            preselected=preselected,
            ids=ids,
            by=by,
            n_counts=self.n_counts,
            seed=self.seed,
            on_invalid=self.on_invalid,
        )
        self._keep(selection, rows, getattr(data, "shape", ()))
        self._seen = some_of(data)
        names = names_of(data)
        if names:
            self.feature_names_in_ = np.array(names, object)
        return self

    def _keep(self, selection: ArraySelection, rows: int, shape: Sequence[int]) -> None:
        self.result_ = selection
        self.ranking_ = selection.indices
        self.support_ = np.isin(np.arange(rows), selection.indices)
        self.gains_ = selection.gain
        self.values_ = selection.values
        self.stopped_by_ = selection.stopped_by
        for name in ("n_features_in_", "feature_names_in_"):
            self.__dict__.pop(name, None)
        if len(shape) == 2:
            self.n_features_in_ = int(shape[1])

    def transform(self, X: Any) -> Any:  # noqa: N803 - as above
        """The picked rows of X in the order of the picks, as an array, frame, sparse matrix or list, as X is one.

        X is the data that was fitted, or data of another kind with a row for each of its rows, such as names; else
        ValueError. Other rows of the same kind are refused; those of a further matrix are ``X[selector.ranking_]``.
        """
        self._check_fitted("transform")
        array, kind = read(X), self._output_kind()
        rows = n_rows(array)
        if rows != len(self.support_):
            raise InvalidInput(
                f"X has {rows} rows, and {len(self.support_)} were fitted. A selector gives the rows that it picked "
                "from the data that was fitted; for other data use the steps behind it, or fit it again"
            )
        if differ(self._seen, some_of(array)):
            raise InvalidInput(
                "X has other rows than were fitted. A selector gives the rows that it picked from the data that was "
                "fitted; for other data use the steps behind it, or fit it again. Where X describes the same samples "
                "in another way, take X[selector.ranking_]"
            )
        is_matrix = len(getattr(array, "shape", ())) == 2
        is_list = isinstance(X, (list, tuple)) and not (is_matrix and kind != "default")
        return as_kind(taken(X if is_list else array, self.ranking_), kind, self._column_names())

    def set_output(
        self, *, transform: Literal["default", "pandas", "polars"] | None = None
    ) -> Self:
        """Say as what ``transform`` gives the rows of a matrix, and return the selector; None changes nothing.

        'default': as X is one. ValueError for any other word.
        """
        if transform is not None:
            check_kind(transform)
            self._sklearn_output_config = {"transform": transform}  # by this name it is cloned
        return self

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """The names of the columns, which are those that were fitted: x0, x1 … where they have no names."""
        self._check_fitted("get_feature_names_out")
        return np.array(
            self._column_names() if input_features is None else list(input_features), object
        )

    def _output_kind(self) -> str:
        return str(getattr(self, "_sklearn_output_config", {}).get("transform", "default"))

    def _column_names(self) -> list[str]:
        if hasattr(self, "feature_names_in_"):
            return list(self.feature_names_in_)
        return [f"x{i}" for i in range(getattr(self, "n_features_in_", 0))]

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> Any:  # noqa: N803 - as above
        """The picked rows of X in the order of the picks; arguments as in ``fit``."""
        return self.fit(X, y, **fit_params).transform(X)

    def get_support(self, indices: bool = False) -> NDArray[Any]:  # noqa: FBT001, FBT002 - as scikit-learn has it
        """A mask over the rows, true for the picks; with ``indices`` the numbers of those rows, ascending."""
        self._check_fitted("get_support")
        return np.flatnonzero(self.support_) if indices else self.support_

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002 - likewise
        """The arguments of the constructor by name, as they were given."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor, and return the selector; ValueError for names that it has not."""
        parameters = self.get_params()
        for name in params:
            if name not in parameters:
                raise ValueError(f"{type(self).__name__}: {unknown('parameter', name, parameters)}")
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({options(self, inspect.signature(type(self)).parameters)})"

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "support_")

    def _check_fitted(self, method: str) -> None:
        if not self.__sklearn_is_fitted__():
            loaded = sys.modules.get("sklearn.exceptions")
            kind = NotFitted if loaded is None else loaded.NotFittedError
            raise kind(f"this {type(self).__name__} is not fitted yet: call fit before {method}")

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        names = names_in(self.strategies)
        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required="y" in names),
            transformer_tags=TransformerTags(preserves_dtype=["float64", "float32"]),
            input_tags=InputTags(sparse="X" not in names, allow_nan=self.on_invalid == "skip"),
        )

    def get_metadata_routing(self) -> Any:
        """The parameters of ``fit`` for scikit-learn's metadata routing: ids, masks, groups, names in strategies."""
        from sklearn.utils.metadata_routing import MetadataRequest

        request = MetadataRequest(owner=self)
        own = {"ids", "candidates", "preselected", "by"}
        for name in sorted(own | names_in(self.strategies) - {"X", "y"}):
            request.fit.add_request(param=name, alias=True)
        return request
