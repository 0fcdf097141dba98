"""The open runs of this process by token, shared by all connections and threads."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import deque
from typing import Any

from sqlsel.errors import InvalidInput, SqlselError
from sqlsel.feed.fed_run import Run
from sqlsel.feed.log import log_row
from sqlsel.feed.watch import Watch

_STALE_AFTER_SECONDS = 3600.0
_LOG_LENGTH = 100


class Registry:
    """Open runs by token, watches of front ends by run name, and the log of each connection."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens = itertools.count(1)
        self._runs: dict[int, Run] = {}
        self._watches: dict[str, Watch] = {}
        self._failed: dict[int, SqlselError] = {}
        self._raised: deque[SqlselError] = deque(maxlen=_LOG_LENGTH)
        self._logs: dict[tuple[int, int], deque[dict[str, Any]]] = {}

    def watch(self, name: str, watch: Watch) -> None:
        """Register the watch of the runs that the statement named ``name`` will open."""
        with self._lock:
            self._watches[name] = watch

    def forget(self, name: str) -> None:
        """Remove the watch of this name, and the runs that it still has open."""
        with self._lock:
            watch = self._watches.pop(name, None)
            if watch is not None:
                self._runs = {t: r for t, r in self._runs.items() if r.watch is not watch}

    def begin(self, catalog: int, spec: str) -> int:
        """Open a run; its token. Abandoned runs are removed: a statement that fails calls no finish."""
        parsed = json.loads(spec)
        with self._lock:
            run = Run(parsed, self._watches.get(parsed.get("run", ""), Watch(alone=True)), catalog)
            self._runs = {t: r for t, r in self._runs.items() if not _is_abandoned(r, run)}
            token = next(self._tokens)
            self._runs[token] = run
        return token

    def run(self, token: int) -> Run:
        """The open run of a token; SqlselError for one that has ended."""
        run = self._runs.get(token)
        if run is None and token in self._failed:  # another thread has failed before this one
            raise type(self._failed[token])(str(self._failed[token]))
        if run is None:
            raise SqlselError(
                "this selection has ended already; "
                "USING STRATEGY cannot depend on a row of the outer query"
            )
        return run

    def end(self, token: int) -> None:
        """Remove a run that has ended."""
        with self._lock:
            self._runs.pop(token, None)

    def fail(self, token: int, error: BaseException) -> None:
        """Remove a run that has failed; threads that still feed it get the same error."""
        with self._lock:
            self._runs.pop(token, None)
            # Its message only: the traceback of the error would hold the run's arrays in memory.
            kind = InvalidInput if isinstance(error, InvalidInput) else SqlselError
            self._failed[token] = kind(str(error))
            while len(self._failed) > _LOG_LENGTH:
                del self._failed[next(iter(self._failed))]

    def raised(self, error: SqlselError) -> None:
        """Record an error of a function that DuckDB called, since DuckDB passes on its text only."""
        with self._lock:
            self._raised.append(_without_traceback(error))

    def raised_as(self, text: str) -> SqlselError | None:
        """The latest recorded error that ``text``, a message of DuckDB, quotes; None without one."""
        with self._lock:
            latest_first = list(reversed(self._raised))
        passed_on = (one for one in latest_first if f"{type(one).__name__}: {one}" in text)
        error = next(passed_on, None)
        return None if error is None else _without_traceback(error)

    def record(self, run: Run) -> None:
        """Add a completed run to the log of its connection."""
        if run.facts is None:
            raise SqlselError("a selection without an end was noted: this is a defect of sqlsel")
        entry = log_row(run.statement, run.facts)
        with self._lock:
            self._logs.setdefault(run.owner, deque(maxlen=_LOG_LENGTH)).appendleft(entry)

    def log(self, catalog: int, connection: int) -> list[dict[str, Any]]:
        """The last runs of a connection, the latest first."""
        return list(self._logs.get((catalog, connection), ()))

    def __len__(self) -> int:
        return len(self._runs)


def _without_traceback(error: SqlselError) -> SqlselError:
    """A copy of the error without its traceback, which would hold the run's arrays in memory."""
    bare = type(error).__new__(type(error), *error.args)
    bare.__dict__.update(error.__dict__)
    return bare


def _is_abandoned(old: Run, new: Run) -> bool:
    """Whether ``old`` was abandoned: its connection runs another query, or it has not been fed for an hour."""
    other = old.owner == new.owner and old.query != new.query
    return other or old.touched < time.monotonic() - _STALE_AFTER_SECONDS


REGISTRY = Registry()
