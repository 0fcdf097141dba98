"""Selection as a step of scikit-learn: ``SampleSelector(n_samples=100).fit_transform(X)``.

It keeps scikit-learn's conventions without inheriting from it: sqlsel works where scikit-learn is not installed.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from sqlsel.arrays import ArraySelection, select
from sqlsel.arrays.frame_columns import names_of
from sqlsel.arrays.selector.named_inputs import Inputs, bound, n_rows, names_in, read, taken
from sqlsel.arrays.selector.output_frames import as_kind, check_kind
from sqlsel.arrays.selector.same import differ, some_of
from sqlsel.arrays.selector.scikit_learn import not_fitted, request, tags
from sqlsel.arrays.selector.shown import options
from sqlsel.engine.optimizer.budget import check_budget
from sqlsel.errors import InvalidInput, unknown


class SampleSelector:
    """Pick rows of X by strategies, as a transformer of scikit-learn.

    ``strategies``: one or a list; default: diversity of X. The input of each is an array with one entry per row, or a
    name: "X" is the data given to ``fit`` (in a Pipeline what the step before made), "y" the labels, any other name a
    keyword of ``fit`` (in a Pipeline ``sampleselector__uncertainty=u``) or else a column of X, where X is a frame.
    ``n_samples``: how many rows to pick, or ``proportion_samples``: which share of the rows of X, above 0 and at most
    1; exactly one of them. ``n_counts``: "new", or "total" where preselected rows are part of that number.
    ``on_invalid``: "error", or "skip" to never pick rows with NaN, infinity or (normalised) a zero vector. ``seed``: an
    integer, for ``sqlsel.random`` only. Arguments are checked by ``fit``.

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
        """Store the arguments unchecked, as scikit-learn asks of its estimators."""
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
        """Pick among the rows of X, set the attributes that end in ``_``, and return the selector.

        X: a matrix (samples × features), a frame, a sparse matrix or a list, with one row per sample. ``y``: one
        label per row, for strategies that name it. ``ids``: one integer or text per row, which breaks ties and feeds
        ``sqlsel.random`` (None: the row's number). ``candidates``: the rows that may be picked (None: all), and
        ``preselected``: those that are picked already (None: none), as a mask or row numbers. ``by``: one value per
        row; each value's rows are a selection of their own, for which the budget holds. ``inputs``: what strategies
        name, one entry per row; TypeError for one that no strategy names.

        Warns with ShortSelection of fewer picks than asked, unless ``proportion_samples`` is 1. Raises ValueError or
        TypeError for bad arguments, InvalidInput (a ValueError) for bad data and for names that nothing has. An error
        leaves an earlier fit as it is.
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
        """Set the fitted attributes from the picks among ``rows`` rows; drop an earlier fit's names of columns.

        ``shape``: that of X, () where it has none; ``n_features_in_`` is set where it has two numbers.
        """
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

        After ``set_output`` matrices, lists of equally long rows and frames come as frames of that library; other
        lists, such as names, and arrays that are no matrix stay what they are, and a sparse matrix is a ValueError.

        X is the data that was fitted, or data of another kind with a row for each of its rows, such as names. Raises
        InvalidInput (a ValueError) where it has another number of rows, or as many columns of the same kind with other
        values (up to 16 rows are compared): take ``X[selector.ranking_]``. TypeError for what has no rows, and before
        ``fit`` NotFitted, or scikit-learn's NotFittedError.
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
        """Say as what ``transform`` gives the rows of a matrix or frame, and return the selector.

        'default': as X is one; 'pandas', 'polars': as a DataFrame of these; None: no change. Else ValueError.
        """
        if transform is not None:
            check_kind(transform)
            self._sklearn_output_config = {"transform": transform}  # by this name it is cloned
        return self

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """The names of the columns as an array of text: ``input_features`` if given, unchecked, else the fitted ones.

        Those are x0, x1 … for a matrix, none for a list that is no matrix. Before ``fit`` NotFitted, or NotFittedError.
        """
        self._check_fitted("get_feature_names_out")
        return np.array(
            self._column_names() if input_features is None else list(input_features), object
        )

    def _output_kind(self) -> str:
        """What ``set_output`` was called with last: 'default' (also where it was not), 'pandas' or 'polars'."""
        return str(getattr(self, "_sklearn_output_config", {}).get("transform", "default"))

    def _column_names(self) -> list[str]:
        """The names of the fitted columns: x0, x1 … for a matrix without names; empty for data without columns."""
        if hasattr(self, "feature_names_in_"):
            return list(self.feature_names_in_)
        return [f"x{i}" for i in range(getattr(self, "n_features_in_", 0))]

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> Any:  # noqa: N803 - as above
        """The rows picked by ``fit(X, y, **fit_params)``, as ``transform`` gives them; the errors are those of both."""
        return self.fit(X, y, **fit_params).transform(X)

    def get_support(self, indices: bool = False) -> NDArray[Any]:  # noqa: FBT001, FBT002 - as scikit-learn has it
        """Mask over the fitted rows, true for the picks; not a copy. Before ``fit`` NotFitted, or NotFittedError.

        ``indices``: give the numbers of those rows instead, ascending, not in the order of the picks (``ranking_``).
        """
        self._check_fitted("get_support")
        return np.flatnonzero(self.support_) if indices else self.support_

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002 - likewise
        """Name → value of the arguments of the constructor, uncopied.

        ``deep`` has no effect: strategies have no parameters that scikit-learn can set.
        """
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor by name, unchecked, and return the selector; a fit stays as it is.

        ValueError for a name that it has not, and then nothing is changed.
        """
        parameters = self.get_params()
        for name in params:
            if name not in parameters:
                raise ValueError(f"{type(self).__name__}: {unknown('parameter', name, parameters)}")
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        """The call that makes it, with the arguments that are not the defaults; long values are cut."""
        return f"{type(self).__name__}({options(self, inspect.signature(type(self)).parameters)})"

    def __sklearn_is_fitted__(self) -> bool:
        """Whether ``fit`` has succeeded, for scikit-learn's ``check_is_fitted``."""
        return hasattr(self, "support_")

    def _check_fitted(self, method: str) -> None:
        """NotFitted before ``fit``, or scikit-learn's NotFittedError where it is loaded; ``method``: named there."""
        if not self.__sklearn_is_fitted__():
            raise not_fitted(type(self).__name__, method)

    def __sklearn_tags__(self) -> Any:
        """scikit-learn's Tags: y is required if a strategy names it, X may be sparse if none does, NaN with 'skip'."""
        return tags(names_in(self.strategies), allow_nan=self.on_invalid == "skip")

    def get_metadata_routing(self) -> Any:
        """scikit-learn's MetadataRequest: ``fit`` requests ids, candidates, preselected, by, and the names of inputs.

        The names are those in the strategies but X and y. ImportError without scikit-learn.
        """
        return request(self, names_in(self.strategies) - {"X", "y"})
