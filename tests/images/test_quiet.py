"""Warnings of one thread are ignored; those of another at the same time are not."""

from __future__ import annotations

import threading
import warnings

import pytest

from sqlsel.images.pixels.quiet import quiet


def test_inside_nothing_is_warned_of_and_outside_it_is_again() -> None:
    with quiet():
        warnings.warn("one", UserWarning, stacklevel=1)
        with quiet():
            warnings.warn("two", DeprecationWarning, stacklevel=1)
        warnings.warn("three", RuntimeWarning, stacklevel=1)
    with pytest.warns(UserWarning, match="four"):
        warnings.warn("four", UserWarning, stacklevel=1)


def test_filters_that_came_later_do_not_win() -> None:
    with quiet():
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with quiet():
            warnings.warn("one", UserWarning, stacklevel=1)
        with pytest.raises(UserWarning, match="two"):
            warnings.warn("two", UserWarning, stacklevel=1)


def test_an_exception_ends_the_quiet() -> None:
    with pytest.raises(ValueError, match="x"), quiet():
        raise ValueError("x")
    with pytest.raises(UserWarning, match="loud"):
        warnings.warn("loud", UserWarning, stacklevel=1)


def test_only_one_filter_is_ever_added() -> None:
    with quiet():
        before = len(warnings.filters)
    for _ in range(10):
        with quiet():
            assert len(warnings.filters) == before


def test_another_thread_goes_on_warning() -> None:
    inside, done, raised = threading.Event(), threading.Event(), []

    def quietly() -> None:
        with quiet():
            inside.set()
            done.wait(5)

    thread = threading.Thread(target=quietly)
    thread.start()
    inside.wait(5)
    try:
        warnings.warn("heard", UserWarning, stacklevel=1)
    except UserWarning as error:
        raised.append(str(error))
    done.set()
    thread.join()
    assert raised == ["heard"]
