"""``SampleSelector``: the picks of ``sqlsel.select``, as scikit-learn hands data about."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
import sklearn
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import ShuffleSplit, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import check_estimator, check_parameters_default_constructible
from sklearn.utils.validation import check_is_fitted

import sqlsel
from sqlsel import ShortSelection
from sqlsel.arrays.selector import SampleSelector

Array = np.ndarray[Any, Any]

RNG = np.random.default_rng(7)
X = RNG.normal(size=(60, 4))
U = RNG.random(60)
Y = np.array(["cat", "dog", "owl"])[RNG.integers(0, 3, 60)]


def farthest_first(vectors: Any, count: int) -> list[int]:
    """Gonzalez' traversal in float64 over unit vectors, from row 0."""
    wide = np.asarray(vectors, np.float64)
    unit = (wide / np.linalg.norm(wide, axis=1, keepdims=True)).astype(np.float32)
    unit = unit.astype(np.float64)
    picks = [0]
    nearest = ((unit - unit[0]) ** 2).sum(axis=1)
    while len(picks) < count:
        nearest[picks] = -1
        picks.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, ((unit - unit[picks[-1]]) ** 2).sum(axis=1))
    return picks


def scaled_digits() -> tuple[Array, Array]:
    vectors, labels = load_digits(return_X_y=True)
    return vectors / 16, labels


# ---- the same picks as select


@pytest.mark.parametrize("seed", range(5))
def test_the_picks_are_those_of_a_farthest_first_traversal(seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=(200, 8))
    selector = SampleSelector(n_samples=40).fit(x)
    assert selector.ranking_.tolist() == farthest_first(x, 40)


def test_the_attributes_are_those_of_the_same_selection_from_arrays() -> None:
    selector = SampleSelector(
        [sqlsel.diversity("X"), sqlsel.weights("uncertainty"), sqlsel.balance("y")], n_samples=12
    ).fit(X, Y, uncertainty=U)
    strategies = [sqlsel.diversity(X), sqlsel.weights(U), sqlsel.balance(Y)]
    found = sqlsel.select(n=12, strategies=strategies)
    assert selector.ranking_.tolist() == found.indices.tolist()
    assert selector.gains_.tolist() == found.gain.tolist()
    np.testing.assert_array_equal(selector.values_, found.values)
    assert selector.values_.shape == (12, 3)
    assert selector.stopped_by_ == found.stopped_by == "budget"
    assert selector.result_.n_candidates == found.n_candidates == 60
    assert selector.n_features_in_ == 4


def test_the_mask_is_true_for_the_picks_and_for_no_preselected_row() -> None:
    selector = SampleSelector(n_samples=5).fit(X, preselected=[3, 4])
    assert selector.support_.dtype == np.bool_
    assert selector.support_.shape == (60,)
    assert sorted(np.flatnonzero(selector.support_)) == sorted(selector.ranking_)
    assert not selector.support_[[3, 4]].any()


def test_support_comes_as_a_mask_or_as_ascending_row_numbers() -> None:
    selector = SampleSelector(n_samples=5).fit(X)
    assert selector.get_support().tolist() == selector.support_.tolist()
    assert selector.get_support(indices=True).tolist() == sorted(selector.ranking_.tolist())


@pytest.mark.parametrize(
    ("own", "other", "fitted"),
    [
        ({"n_samples": 9}, {"n": 9}, {"candidates": np.arange(20, 50)}),
        ({"n_samples": 9}, {"n": 9}, {"preselected": X[:, 0] > 1}),
        (
            {"n_samples": 9, "n_counts": "total"},
            {"n": 9, "n_counts": "total"},
            {"preselected": [1]},
        ),
        ({"proportion_samples": 0.25}, {"proportion": 0.25}, {}),
        ({"n_samples": 4}, {"n": 4}, {"ids": [f"{i:02}" for i in range(60, 0, -1)]}),
        ({"n_samples": 4}, {"n": 4}, {"by": Y}),
        ({"n_samples": np.int64(4)}, {"n": 4}, {}),
    ],
)
def test_each_argument_means_what_it_means_to_select(
    own: dict[str, Any], other: dict[str, Any], fitted: dict[str, Any]
) -> None:
    expected = sqlsel.select(X, **other, **fitted).indices.tolist()
    assert SampleSelector(**own).fit(X, **fitted).ranking_.tolist() == expected
    if fitted:
        assert expected != sqlsel.select(X, n=len(expected)).indices.tolist()


def test_the_seed_reaches_random() -> None:
    def drawn(seed: int) -> list[int]:
        selector = SampleSelector(sqlsel.random(), n_samples=10, seed=seed)
        return list(selector.fit(X).ranking_.tolist())

    expected = sqlsel.select(X, n=10, strategies=[sqlsel.random(seed=5)]).indices.tolist()
    assert drawn(5) == expected
    assert drawn(5) != drawn(6)


def test_thresholds_and_near_duplicates_are_left_out() -> None:
    threshold = sqlsel.threshold("sharpness", ">", 0.5)
    apart = sqlsel.deduplicate("X", 0.3)
    with pytest.warns(ShortSelection):
        selector = SampleSelector([threshold, apart], n_samples=60).fit(X, sharpness=U)
    assert (U[selector.ranking_] > 0.5).all()
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    picked = unit[selector.ranking_]
    distances = np.linalg.norm(picked[:, None] - picked[None], axis=2)
    assert distances[~np.eye(len(picked), dtype=bool)].min() >= 0.3
    left = [i for i in range(60) if U[i] > 0.5 and i not in set(selector.ranking_.tolist())]
    assert all(np.linalg.norm(picked - unit[i], axis=1).min() < 0.3 for i in left)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_digits_give_the_picks_of_select_in_their_own_type(dtype: Any) -> None:
    vectors, labels = scaled_digits()
    vectors = vectors.astype(dtype)
    selector = SampleSelector([sqlsel.diversity("X"), sqlsel.balance("y")], n_samples=50)
    picked = selector.fit_transform(vectors, labels)
    strategies = [sqlsel.diversity(vectors), sqlsel.balance(labels)]
    found = sqlsel.select(n=50, strategies=strategies)
    assert selector.ranking_.tolist() == found.indices.tolist()
    assert picked.dtype == dtype
    np.testing.assert_array_equal(picked, vectors[found.indices])
    assert set(np.bincount(labels[selector.ranking_])) <= {4, 5, 6}


# ---- names


def test_a_bound_strategy_is_used_as_it_is() -> None:
    other = RNG.normal(size=(60, 2))
    selector = SampleSelector(sqlsel.diversity(other), n_samples=10).fit(X)
    assert selector.ranking_.tolist() == farthest_first(other, 10)
    assert selector.n_features_in_ == 4


@pytest.mark.parametrize("frame", ["polars", "arrow", "pandas"])
def test_names_are_columns_of_a_frame_and_its_rows_come_as_a_frame(frame: str) -> None:
    table = pl.DataFrame(
        {
            "name": [f"{i}.jpg" for i in range(60)],
            "vector": pl.Series(X, dtype=pl.Array(pl.Float64, 4)),
            "listed": X.tolist(),
            "weather": Y,
            "score": U,
        }
    )
    if frame == "pandas":
        pandas = pytest.importorskip("pandas")
        given = pandas.DataFrame(
            {n: table[n].to_list() for n in table.columns}, index=range(60, 0, -1)
        )
    else:
        given = table if frame == "polars" else table.to_arrow()
    for vectors in ("vector", "listed"):
        strategies = [sqlsel.diversity(vectors), sqlsel.weights("score"), sqlsel.balance("weather")]
        selector = SampleSelector(strategies, n_samples=9)
        picked = selector.fit_transform(given)
        bound = [sqlsel.diversity(X), sqlsel.weights(U), sqlsel.balance(Y)]
        expected = sqlsel.select(n=9, strategies=bound).indices.tolist()
        assert selector.ranking_.tolist() == expected
        assert type(picked) is type(given)
        assert list(picked["name"]) == [f"{i}.jpg" for i in expected] or frame == "arrow"
        assert len(picked) == 9
        if frame == "arrow":
            assert picked["name"].to_pylist() == [f"{i}.jpg" for i in expected]


def test_objects_and_class_masses_come_from_columns_of_lists_and_records() -> None:
    objects = [X[i : i + 1 + i % 3].tolist() for i in range(57)]
    masses = [{"cat": u, "dog": 1 - u} for u in U[:57].tolist()]
    frame = pl.DataFrame({"objects": objects, "masses": masses})
    strategies = [sqlsel.diversity("objects"), sqlsel.balance("masses", {"cat": 0.9, "dog": 0.1})]
    selector = SampleSelector(strategies, n_samples=8).fit(frame)
    bound = [sqlsel.diversity(objects), sqlsel.balance(masses, {"cat": 0.9, "dog": 0.1})]
    expected = sqlsel.select(n=8, strategies=bound).indices.tolist()
    assert selector.ranking_.tolist() == expected


def test_a_column_of_equally_long_lists_is_a_matrix_of_masses() -> None:
    masses = np.column_stack([U, 1 - U])
    frame = pl.DataFrame({"masses": masses.tolist()})
    target = {"cat": 0.9, "dog": 0.1}
    named = sqlsel.balance("masses", target, classes=["cat", "dog"])
    bound = sqlsel.balance(masses, target, classes=["cat", "dog"])
    expected = sqlsel.select(n=8, strategies=[bound]).indices.tolist()
    assert SampleSelector(named, n_samples=8).fit(frame).ranking_.tolist() == expected


def test_a_frame_of_numbers_is_a_matrix() -> None:
    frame = pl.DataFrame(X, schema=list("abcd"))
    selector = SampleSelector(n_samples=10).fit(frame)
    assert selector.ranking_.tolist() == farthest_first(X, 10)
    assert selector.n_features_in_ == 4


def test_a_keyword_goes_before_a_column_of_the_same_name() -> None:
    frame = pl.DataFrame({"score": U})
    selector = SampleSelector(sqlsel.weights("score"), n_samples=3).fit(frame, score=-U)
    assert selector.ranking_.tolist() == np.argsort(U)[:3].tolist()


def test_objects_in_a_plain_list_are_the_matrix_of_that_name() -> None:
    objects = [X[i : i + 1 + i % 3].tolist() for i in range(57)]
    selector = SampleSelector(n_samples=8).fit(objects)
    assert selector.ranking_.tolist() == sqlsel.select(objects, n=8).indices.tolist()
    assert not hasattr(selector, "n_features_in_")


# ---- names and data that make no sense


def told(selector: SampleSelector, *given: Any, **inputs: Any) -> str:
    with pytest.raises((ValueError, TypeError)) as raised:
        selector.fit(*given, **inputs)
    assert not hasattr(selector, "support_")
    return f"{raised.type.__name__}: {raised.value}"


def test_a_misspelt_name_is_told_with_the_names_there_are() -> None:
    selector = SampleSelector([sqlsel.random(), sqlsel.weights("uncertanty")], n_samples=3)
    frame = pl.DataFrame({"name": Y})
    assert told(selector, frame, uncertainty=U) == (
        "InvalidInput: strategies[1] (weights): unknown input 'uncertanty'. "
        "Did you mean 'uncertainty'? Known: X, name, uncertainty, y. Give fit(X, uncertanty=…)"
    )


def test_a_column_may_be_the_name_that_was_meant() -> None:
    selector = SampleSelector(sqlsel.weights("scores"), n_samples=3)
    assert "Did you mean 'score'? Known: X, score, y." in told(selector, pl.DataFrame({"score": U}))


def test_an_argument_that_no_strategy_names_is_refused() -> None:
    selector = SampleSelector(sqlsel.weights("uncertainty"), n_samples=3)
    assert told(selector, X, uncertainty=U, uncertanty=U) == (
        "TypeError: fit: no strategy takes 'uncertanty'. Did you mean 'uncertainty'? "
        "Let one name it, as in sqlsel.weights('uncertanty')"
    )
    assert "no strategy takes 'sample_weight'" in told(
        SampleSelector(n_samples=3), X, sample_weight=U
    )


def test_an_argument_that_is_none_was_not_given() -> None:
    assert len(SampleSelector(n_samples=3).fit(X, sample_weight=None).ranking_) == 3
    selector = SampleSelector(sqlsel.weights("sample_weight"), n_samples=3)
    assert "unknown input 'sample_weight'" in told(selector, X, sample_weight=None)


def test_labels_that_are_missing_are_asked_for() -> None:
    selector = SampleSelector([sqlsel.diversity("X"), sqlsel.balance("y")], n_samples=3)
    assert told(selector, X) == (
        "InvalidInput: strategies[1] (balance): requires y to be passed, but the target y is None. "
        "Give fit(X, y)"
    )


@pytest.mark.parametrize(
    ("strategy", "inputs", "message"),
    [
        (sqlsel.weights(U[:50]), {}, "inputs of different lengths: weights 50, X 60"),
        (sqlsel.weights("u"), {"u": U[:50]}, "inputs of different lengths: weights 50, X 60"),
        (sqlsel.balance("y"), {"y": Y[:50]}, "inputs of different lengths: balance 50, X 60"),
    ],
)
def test_inputs_of_another_length_than_x_are_refused(
    strategy: Any, inputs: dict[str, Any], message: str
) -> None:
    assert told(SampleSelector(strategy, n_samples=3), X, **inputs) == f"InvalidInput: {message}"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"n": 2, "proportion": 0.5},
        *({"n": n} for n in (0, 2.0, "n", True)),
        *({"proportion": share} for share in (0, 1.5, "0.5", float("nan"))),
    ],
)
def test_a_budget_that_makes_no_sense_is_told_as_select_tells_it(given: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)) as raised:
        sqlsel.select(X, **given)
    rule, *got = str(raised.value).split(", got ")
    rule = " ".join(f"{w}_samples" if w in ("n", "proportion") else w for w in rule.split(" "))
    rule = rule.replace("proportion,", "proportion_samples,")
    expected = f"{raised.type.__name__}: {', got '.join([rule, *got])}"
    selector = SampleSelector(**{f"{name}_samples": value for name, value in given.items()})
    assert told(selector, X) == expected
    assert "_samples" in expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"strategies": []}, "ValueError: strategies is empty; leave it out for diversity of X"),
        ({"strategies": "diversity"}, "TypeError: 'diversity' is no strategy; write "),
        ({"strategies": [sqlsel.diversity]}, "TypeError: "),
        ({"n_counts": "all"}, "ValueError: n_counts must be 'new' or 'total', got 'all'"),
        ({"on_invalid": "drop"}, "ValueError: on_invalid must be 'error' or 'skip', got 'drop'"),
    ],
)
def test_parameters_that_make_no_sense_are_refused_by_fit(
    given: dict[str, Any], message: str
) -> None:
    assert told(SampleSelector(**{"n_samples": 3, **given}), X).startswith(message)


@pytest.mark.parametrize("data", [None, 5, "text", {"a": [1]}, np.array(1.0), iter([1])])
def test_data_without_rows_is_refused(data: Any) -> None:
    assert told(SampleSelector(n_samples=1), data) == (
        f"TypeError: X: needs a matrix, a frame or a list with one row per sample, "
        f"got {type(data).__name__}."
    )


def test_a_lazy_frame_is_to_be_collected_first() -> None:
    message = told(SampleSelector(n_samples=1), pl.LazyFrame({"a": [1.0]}))
    assert message.endswith("got LazyFrame. Collect it first.")


def test_a_frame_with_text_is_no_matrix() -> None:
    frame = pl.DataFrame({"a": [1.0, 2.0], "name": ["x", "y"]})
    assert told(SampleSelector(n_samples=1), frame) == (
        "InvalidInput: strategies[0] (diversity): X is a frame whose columns are not all numbers, "
        "such as 'name'. Name the column that is meant, as in sqlsel.diversity('name')"
    )


@pytest.mark.parametrize("form", ["array", "list", "polars", "float32"])
def test_a_vector_with_nan_is_told_by_its_row(form: str) -> None:
    broken = X.copy()
    broken[[17, 40], 2] = np.nan
    given: Any = {
        "array": broken,
        "list": broken.tolist(),
        "polars": pl.DataFrame(broken),
        "float32": broken.astype(np.float32),
    }[form]
    message = told(SampleSelector(n_samples=3), given)
    assert "2 of 60 vectors cannot be used; the first, at row 17, holds NaN" in message
    skipping = SampleSelector(n_samples=58, on_invalid="skip").fit(given)
    assert sorted({*range(60)} - {*skipping.ranking_.tolist()}) == [17, 40]


def test_one_row_is_picked() -> None:
    selector = SampleSelector(n_samples=1)
    assert selector.fit_transform([[1.0, 2.0]]) == [[1.0, 2.0]]
    assert selector.support_.tolist() == [True]


def test_an_empty_matrix_gives_nothing_and_warns() -> None:
    selector = SampleSelector(n_samples=2)
    with pytest.warns(ShortSelection, match=r"^0 samples selected of 2 asked: the input is empty$"):
        picked = selector.fit_transform(np.empty((0, 3)))
    assert picked.shape == (0, 3)
    assert selector.support_.shape == (0,)
    check_is_fitted(selector)


def test_what_is_merely_convertible_to_an_array_is_converted() -> None:
    class Convertible:
        def __init__(self, data: Any) -> None:
            self.data = data

        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            return np.asarray(self.data, dtype)

    selector = SampleSelector([sqlsel.diversity("X"), sqlsel.balance("y")], n_samples=10)
    picked = selector.fit_transform(Convertible(X), Convertible(Y))
    bound = [sqlsel.diversity(X), sqlsel.balance(Y)]
    expected = sqlsel.select(n=10, strategies=bound).indices
    np.testing.assert_array_equal(picked, X[expected])


def test_a_missing_number_in_a_list_is_told_by_its_row() -> None:
    message = told(SampleSelector(n_samples=1), [[1.0, 2.0], [1.0, None], [2.0, 1.0]])
    assert "the first, at row 1, holds NaN or NULL" in message


def test_numbers_in_an_object_array_are_numbers() -> None:
    selector = SampleSelector(n_samples=10).fit(X.astype(object))
    assert selector.ranking_.tolist() == farthest_first(X, 10)


# ---- transform


SPARSE = [scipy.sparse.csr_matrix, scipy.sparse.csc_array, scipy.sparse.coo_array]


@pytest.mark.parametrize("form", SPARSE)
def test_rows_of_a_sparse_matrix_come_in_its_own_format(form: Any) -> None:
    given = form(np.where(X > 0, X, 0))
    selector = SampleSelector(sqlsel.weights("u"), n_samples=6)
    picked = selector.fit_transform(given, u=U)
    assert type(picked) is type(given)
    np.testing.assert_array_equal(picked.toarray(), given.toarray()[np.argsort(-U)[:6]])


def test_distances_between_sparse_rows_are_refused_with_a_way_out() -> None:
    message = told(SampleSelector(n_samples=3), scipy.sparse.csr_array(X))
    assert "X is sparse" in message
    assert "TruncatedSVD" in message


@pytest.mark.parametrize("form", [list, tuple])
def test_rows_of_a_list_come_as_a_list(form: Any) -> None:
    selector = SampleSelector(n_samples=4).fit(X)
    names = [f"{i}.jpg" for i in range(60)]
    assert selector.transform(form(names)) == [names[i] for i in selector.ranking_]


def test_whatever_has_a_row_for_each_sample_can_be_transformed() -> None:
    selector = SampleSelector(n_samples=4).fit(X)
    pictures = RNG.normal(size=(60, 2, 2))
    np.testing.assert_array_equal(selector.transform(pictures), pictures[selector.ranking_])
    series = pl.Series(range(60))
    assert selector.transform(series).to_list() == selector.ranking_.tolist()


@pytest.mark.parametrize("other", [X[:59], X[:59].tolist(), pl.DataFrame(X[:59])])
def test_data_with_another_number_of_rows_is_refused(other: Any) -> None:
    selector = SampleSelector(n_samples=4).fit(X)
    with pytest.raises(ValueError, match=r"^X has 59 rows, and 60 were fitted\. "):
        selector.transform(other)


def test_transform_changes_neither_data_nor_selector() -> None:
    given, selector = X.copy(), SampleSelector(n_samples=4).fit(X)
    before = copy.deepcopy(vars(selector))
    picked = selector.transform(given)
    picked[:] = 0
    np.testing.assert_array_equal(given, X)
    assert repr(before) == repr(vars(selector))


# ---- as an estimator


def test_before_fit_it_says_so_as_scikit_learn_does() -> None:
    for ask in (lambda s: s.transform(X), lambda s: s.get_support()):
        with pytest.raises(NotFittedError, match=r"^this SampleSelector is not fitted yet: "):
            ask(SampleSelector(n_samples=4))
    with pytest.raises(NotFittedError):
        check_is_fitted(SampleSelector(n_samples=4))


def test_without_scikit_learn_it_selects_and_has_an_error_of_its_own() -> None:
    program = """
import sys
import numpy as np
from sqlsel.arrays.selector import SampleSelector
x = np.eye(3)
assert SampleSelector(n_samples=2).fit_transform(x).tolist() == [[1, 0, 0], [0, 1, 0]]
try:
    SampleSelector(n_samples=2).transform(x)
except ValueError as error:
    assert isinstance(error, AttributeError)
    print(type(error).__name__, error)
print({"sklearn", "polars", "pyarrow", "pandas", "scipy"} & set(sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        "NotFitted this SampleSelector is not fitted yet: call fit before transform",
        "set()",
    ]


def test_a_clone_has_the_same_parameters_and_is_not_fitted() -> None:
    strategies = [sqlsel.diversity("X", strength=2.0), sqlsel.weights(U)]
    selector = SampleSelector(strategies, 5, n_counts="total", on_invalid="skip", seed=3).fit(X)
    twin = clone(selector)
    assert not hasattr(twin, "support_")
    own, other = selector.get_params(), twin.get_params()
    assert own.keys() == other.keys()
    assert {k: v for k, v in own.items() if k != "strategies"} == {
        k: v for k, v in other.items() if k != "strategies"
    }
    for a, b in zip(own["strategies"], other["strategies"], strict=True):
        assert vars(a).keys() == vars(b).keys()
        assert all(np.array_equal(vars(a)[name], vars(b)[name]) for name in vars(a))
    assert twin.fit(X).ranking_.tolist() == selector.ranking_.tolist()


def test_parameters_are_stored_as_given_and_checked_by_fit_only() -> None:
    strategies = ["nonsense"]
    selector = SampleSelector(strategies, -1, proportion_samples=7, seed="x")
    assert selector.get_params() == {
        "strategies": strategies,
        "n_samples": -1,
        "proportion_samples": 7,
        "n_counts": "new",
        "on_invalid": "error",
        "seed": "x",
    }
    assert selector.strategies is strategies
    assert selector.set_params(n_samples=3, strategies=None, proportion_samples=None) is selector
    with pytest.raises(TypeError, match="seed must be an integer, got 'x'"):
        selector.fit(X)
    selector.set_params(seed=0)
    assert selector.fit(X).ranking_.tolist() == farthest_first(X, 3)


def test_an_unknown_parameter_changes_nothing() -> None:
    selector = SampleSelector(n_samples=3)
    with pytest.raises(
        ValueError, match=r"unknown parameter 'n_sample'\. Did you mean 'n_samples'"
    ):
        selector.set_params(seed=4, n_sample=5)
    assert selector.seed == 0


def test_its_text_shows_what_is_not_the_default_and_no_long_array() -> None:
    assert repr(SampleSelector(n_samples=3)) == "SampleSelector(n_samples=3)"
    strategies = [sqlsel.diversity("X", strength=2.0), sqlsel.weights(list(range(100_000)))]
    assert repr(SampleSelector(strategies, proportion_samples=0.1)) == (
        "SampleSelector(strategies=[diversity(input='X', strength=2.0), "
        "weights(input=[0, 1, 2, 3, 4, 5, ...])], proportion_samples=0.1)"
    )


def test_a_fitted_selector_survives_pickling() -> None:
    selector = SampleSelector([sqlsel.diversity("X"), sqlsel.balance("y")], 7).fit(X, Y)
    again = pickle.loads(pickle.dumps(selector))  # noqa: S301 - bytes of our own
    np.testing.assert_array_equal(again.transform(X), selector.transform(X))


def test_a_second_fit_forgets_the_first() -> None:
    selector = SampleSelector(sqlsel.weights("u"), n_samples=2).fit(X, u=U)
    selector.fit(["a", "b", "c"], u=[1, 3, 2])
    assert selector.ranking_.tolist() == [1, 2]
    assert not hasattr(selector, "n_features_in_")


# ---- in a Pipeline


def test_the_selector_sees_the_matrix_that_the_previous_step_made() -> None:
    vectors, labels = scaled_digits()
    reduce = PCA(10, random_state=0)
    pipeline = make_pipeline(reduce, SampleSelector(n_samples=100))
    picked = pipeline.fit_transform(vectors, labels)
    reduced = PCA(10, random_state=0).fit_transform(vectors)
    expected = farthest_first(reduced, 100)
    assert pipeline[-1].ranking_.tolist() == expected
    np.testing.assert_allclose(picked, reduced[expected])
    assert pipeline[-1].n_features_in_ == 10


def test_the_steps_behind_it_are_fitted_on_the_picks() -> None:
    vectors, _ = scaled_digits()
    pipeline = make_pipeline(
        StandardScaler(), SampleSelector(n_samples=100), KMeans(10, n_init=1, random_state=0)
    ).fit(vectors)
    scaled = StandardScaler().fit_transform(vectors)
    alone = KMeans(10, n_init=1, random_state=0).fit(scaled[farthest_first(scaled, 100)])
    np.testing.assert_array_equal(pipeline[-1].cluster_centers_, alone.cluster_centers_)
    with pytest.raises(ValueError, match=r"^X has 30 rows, and 1797 were fitted"):
        pipeline.predict(vectors[:30])
    assert pipeline[-1].predict(pipeline[0].transform(vectors[:30])).shape == (30,)
    assert pipeline.predict(vectors).tolist() == alone.labels_.tolist()


def test_rows_of_other_data_are_never_dropped_in_silence() -> None:
    vectors, _ = scaled_digits()
    pipeline = make_pipeline(SampleSelector(n_samples=10), KMeans(3, n_init=1, random_state=0))
    with pytest.raises(
        ValueError, match=r"^X has other rows than were fitted"
    ):  # two halves of equal size
        cross_val_score(pipeline, vectors[:100], cv=2, error_score="raise")
    with pytest.raises(ValueError, match=r"^X has 30 rows, and 70 were fitted"):
        cross_val_score(
            pipeline, vectors[:100], cv=ShuffleSplit(1, test_size=30), error_score="raise"
        )
    pipeline.fit(vectors[:50])
    for other in (vectors[50:100], vectors[50:100].tolist(), pl.DataFrame(vectors[50:100])):
        with pytest.raises(ValueError, match=r"^X has other rows"):
            pipeline.predict(other)


@pytest.mark.parametrize(
    "kind",
    [np.asarray, pl.DataFrame, pd.DataFrame, scipy.sparse.csr_matrix, np.float32],
    ids=["array", "polars", "pandas", "sparse", "float32"],
)
def test_the_data_that_was_fitted_is_known_again_in_any_form(kind: Any) -> None:
    vectors, _ = scaled_digits()
    selector = SampleSelector(n_samples=5).fit(vectors[:50])
    assert selector.transform(kind(vectors[:50])).shape[0] == 5
    assert selector.transform([f"{i}.png" for i in range(50)])[0] == f"{selector.ranking_[0]}.png"
    assert selector.transform(np.ones((50, 3))).shape == (5, 3)  # of another kind


def test_texts_that_were_fitted_are_known_again() -> None:
    texts = [f"text {i}" for i in range(8)]
    selector = SampleSelector(sqlsel.weights(np.arange(8.0)), n_samples=2).fit(texts)
    assert selector.transform(texts) == ["text 7", "text 6"]
    with pytest.raises(ValueError, match=r"^X has other rows"):
        selector.transform([f"other {i}" for i in range(8)])


def test_frames_that_scikit_learn_makes_on_the_way_stay_frames() -> None:
    with sklearn.config_context(transform_output="polars"):
        picked = make_pipeline(StandardScaler(), SampleSelector(n_samples=10)).fit_transform(X)
    assert isinstance(picked, pl.DataFrame)
    scaled = StandardScaler().fit_transform(X)
    np.testing.assert_array_equal(picked.to_numpy(), scaled[farthest_first(scaled, 10)])


def test_inputs_reach_it_through_a_pipeline_by_its_name() -> None:
    strategies = [sqlsel.diversity("X"), sqlsel.weights("uncertainty")]
    pipeline = make_pipeline(StandardScaler(), SampleSelector(strategies, n_samples=10))
    pipeline.fit(X, sampleselector__uncertainty=U, sampleselector__preselected=[0])
    scaled = StandardScaler().fit_transform(X)
    bound = [sqlsel.diversity(scaled), sqlsel.weights(U)]
    expected = sqlsel.select(n=10, strategies=bound, preselected=[0]).indices.tolist()
    assert pipeline[-1].ranking_.tolist() == expected


def test_its_parameters_are_set_through_a_pipeline() -> None:
    pipeline = Pipeline([("scale", StandardScaler()), ("pick", SampleSelector(n_samples=4))])
    pipeline.set_params(pick__n_samples=6)
    assert clone(pipeline).fit_transform(X).shape == (6, 4)
    assert pipeline.get_params()["pick__n_samples"] == 6


def test_a_pipeline_with_it_is_shown_as_text_and_as_html() -> None:
    pipeline = make_pipeline(StandardScaler(), SampleSelector(n_samples=4))
    assert "SampleSelector(n_samples=4)" in repr(pipeline)
    assert "SampleSelector" in pipeline._repr_html_()


def test_metadata_routing_brings_what_the_strategies_name() -> None:
    """A name in a strategy is a request for it; another step with the same name has to make its own."""
    strategies = [sqlsel.diversity("X"), sqlsel.weights("uncertainty"), sqlsel.balance("y")]
    with sklearn.config_context(enable_metadata_routing=True):
        pipeline = make_pipeline(
            FunctionTransformer(), SampleSelector(strategies, n_samples=10), KMeans(3, n_init=1)
        )
        pipeline.fit(X, Y, uncertainty=U, preselected=[0, 1])
        with pytest.raises(TypeError, match="uncertanty"):
            pipeline.fit(X, Y, uncertanty=U)
    bound = [sqlsel.diversity(X), sqlsel.weights(U), sqlsel.balance(Y)]
    expected = sqlsel.select(n=10, strategies=bound, preselected=[0, 1]).indices.tolist()
    assert pipeline[1].ranking_.tolist() == expected


def test_it_asks_for_what_its_strategies_name_and_for_nothing_of_x_or_y() -> None:
    strategies = [sqlsel.diversity("X"), sqlsel.weights("uncertainty"), sqlsel.balance("y")]
    with sklearn.config_context(enable_metadata_routing=True):
        routing = SampleSelector(strategies, n_samples=10).get_metadata_routing()
    own = ["by", "candidates", "ids", "preselected"]
    assert routing.fit.requests == dict.fromkeys([*own, "uncertainty"], True)


def test_its_tags_follow_from_what_its_strategies_name() -> None:
    tags = get_tags(SampleSelector(sqlsel.balance("y"), n_samples=3, on_invalid="skip"))
    assert (tags.target_tags.required, tags.input_tags.sparse, tags.input_tags.allow_nan) == (
        True,
        True,
        True,
    )
    tags = get_tags(SampleSelector(n_samples=3))
    assert (tags.target_tags.required, tags.input_tags.sparse, tags.input_tags.allow_nan) == (
        False,
        False,
        False,
    )
    assert tags.transformer_tags.preserves_dtype == ["float64", "float32"]


# ---- scikit-learn's own checks

FEWER_ROWS = "a selector gives fewer rows than it is given, in the order of its picks"
ANY_ROWS = "rows of anything are given, pictures or names, so long as there are as many"
UNLOOKED = "rows are handed over as they are; only fit looks at the numbers"
CANNOT = {
    "check_transformer_general": FEWER_ROWS,
    "check_transformer_data_not_an_array": FEWER_ROWS,
    "check_methods_sample_order_invariance": "transform takes the rows at the places of the picks",
    "check_methods_subset_invariance": "transform takes the data that was fitted, not a part of it",
    "check_fit_idempotent": "it transforms other data than was fitted",
    "check_n_features_in_after_fitting": ANY_ROWS,
    "check_fit2d_predict1d": ANY_ROWS,
    "check_estimators_nan_inf": UNLOOKED,
    "check_complex_data": "refused as 'needs numbers, got complex128', in words of our own",
    "check_estimators_empty_data_messages": "nothing is selected from nothing, with a warning",
}
LABELS = {
    "check_dtype_object": "X is not looked at where no strategy names it",
    "check_fit1d": "likewise",
}


@pytest.mark.parametrize(
    ("strategies", "cannot"),
    [
        (sqlsel.diversity("X", normalize=False), CANNOT),
        ([sqlsel.diversity("X", normalize=False), sqlsel.random()], CANNOT),
        (sqlsel.balance("y"), CANNOT | LABELS),
    ],
    ids=["diversity", "diversity and random", "balance of labels"],
)
def test_scikit_learn_finds_no_fault_but_those_that_are_meant(
    strategies: Any, cannot: dict[str, str]
) -> None:
    selector = SampleSelector(strategies, n_samples=5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(selector, expected_failed_checks=cannot, on_skip=None)
    by_status: dict[str, set[str]] = {}
    for result in results:
        by_status.setdefault(result["status"], set()).add(result["check_name"])
    assert by_status["xfail"] == set(cannot)
    assert by_status.get("skipped", set()) <= {"check_array_api_input"}
    assert len(by_status["passed"]) > 25


def test_it_can_be_made_without_arguments() -> None:
    check_parameters_default_constructible("SampleSelector", SampleSelector())


# ---- the kind of its output


def kinds() -> dict[str, Any]:
    named = {f"c{i}": X[:, i] for i in range(X.shape[1])}
    return {"array": X, "pandas": pd.DataFrame(named), "polars": pl.DataFrame(named)}


@pytest.mark.parametrize("given", ["array", "pandas", "polars"])
@pytest.mark.parametrize("kind", ["default", "pandas", "polars"])
def test_the_rows_come_as_the_kind_that_is_asked_for(given: str, kind: str) -> None:
    data = kinds()[given]
    selector = SampleSelector(n_samples=5).set_output(transform=kind)  # type: ignore[arg-type]
    picked = clone(selector).fit_transform(data)
    wanted = {"array": np.ndarray, "pandas": pd.DataFrame, "polars": pl.DataFrame}
    assert type(picked) is wanted[given if kind == "default" else kind]
    assert np.array_equal(np.asarray(picked), X[selector.fit(data).ranking_])
    names = [f"{'x' if given == 'array' else 'c'}{i}" for i in range(4)]
    assert selector.get_feature_names_out().tolist() == names
    if not isinstance(picked, np.ndarray):
        assert list(picked.columns) == names


def test_a_pipeline_says_it_to_all_steps() -> None:
    pipeline = make_pipeline(StandardScaler(), SampleSelector(n_samples=5))
    picked = pipeline.set_output(transform="pandas").fit_transform(X)
    assert isinstance(picked, pd.DataFrame)
    assert picked.index.tolist() == pipeline[-1].ranking_.tolist()
    assert pipeline.get_feature_names_out().tolist() == ["x0", "x1", "x2", "x3"]


def test_a_kind_that_there_is_not_is_refused() -> None:
    selector = SampleSelector(n_samples=5)
    with pytest.raises(ValueError, match="must be one of default, pandas, polars, got 'panda'"):
        selector.set_output(transform="panda")  # type: ignore[arg-type]
    assert selector.set_output() is selector
    selector.fit(X).set_output(transform="pandas")
    with pytest.raises(ValueError, match="cannot be given as a frame of pandas"):
        selector.transform(scipy.sparse.csr_matrix(X))


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_only_matrices_become_frames(kind: str) -> None:
    selector = SampleSelector(n_samples=5).fit(X).set_output(transform=kind)  # type: ignore[arg-type]
    names = [f"image {i}" for i in range(len(X))]
    picked = [names[i] for i in selector.ranking_]
    assert selector.transform(names) == picked
    assert selector.transform(np.array(names)).tolist() == picked
    assert list(selector.transform(X.tolist()).columns) == ["x0", "x1", "x2", "x3"]
    for width in (2, 6):  # of another matrix of these samples
        wide = np.arange(len(X) * width).reshape(len(X), width)
        frame = selector.transform(wide)
        assert list(frame.columns) == [f"x{i}" for i in range(width)]
        assert np.array_equal(np.asarray(frame), wide[selector.ranking_])


def test_names_are_those_of_the_last_fit() -> None:
    selector = SampleSelector(n_samples=5).fit(kinds()["pandas"])
    assert selector.feature_names_in_.tolist() == ["c0", "c1", "c2", "c3"]
    assert not hasattr(selector.fit(X), "feature_names_in_")


def test_what_is_missing_in_a_frame_is_passed_over_and_is_no_class() -> None:
    frame = pd.DataFrame({"w": [1, None, 3, 4, 5, 6], "y": [1, 2, None, 1, 2, 1]})
    matrix = np.eye(6)
    assert SampleSelector(sqlsel.weights("w"), n_samples=3).fit(frame).ranking_.tolist() == [
        5,
        4,
        3,
    ]
    for y in (frame["y"], frame[["y"]]):
        balanced = SampleSelector(sqlsel.balance("y", "uniform"), n_samples=2).fit(matrix, y)
        assert sorted(frame["y"].iloc[balanced.ranking_]) == [1, 2]
        weighed = SampleSelector(sqlsel.weights("y"), n_samples=2).fit(matrix, y)
        assert weighed.ranking_.tolist() == [1, 4]
