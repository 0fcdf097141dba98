"""Runs jobs in this process or in several, and gives their answers in the order of the jobs.

The worker processes are plain children that read a job and write its answer: they do not run
the caller's script again, end with this process whatever ends it, and hear no Ctrl-C themselves.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from queue import SimpleQueue
from typing import IO, Any, cast

import pyarrow as pa

from sqlsel.errors import SqlselError
from sqlsel.process.in_order import cores, in_order
from sqlsel.readers.import_report import Report, Skipped, Warned

Job = dict[str, Any]  # plain JSON
_START = """import json, sys
sys.path[:] = json.loads(sys.argv[1])
from sqlsel.readers.processes import serve
serve()"""
_FEW = 4_000  # files; a process takes as long to start as to read a thousand
_WORK = {  # where the function ``work`` of each kind of job lives
    "metadata": "sqlsel.readers.metadata",
    "predictions": "sqlsel.readers.predictions",
    "images": "sqlsel.images.work.apart",
}


@dataclass
class Answer:
    """What came of a job: batches of rows, and what was left out; or the error that ended it."""

    batches: list[pa.RecordBatch]
    report: Report
    error: str = ""


def how_many(processes: int | None, files: int) -> int:
    """How many processes shall read so many files; None: as many as are worth it."""
    if processes is not None:
        return max(processes, 1)
    if files < _FEW:
        return 1
    return min(cores(), files // (_FEW // 2), 16)


def answers(
    jobs: Iterable[Job], work: Callable[[Job], Answer], *, processes: int
) -> Iterator[Answer]:
    """``work(job)`` of every job, in order; few at a time, so that memory stays bounded."""
    if processes == 1:
        yield from map(work, jobs)
        return
    workers: list[_Worker] = []
    idle: SimpleQueue[_Worker] = SimpleQueue()

    def stop() -> None:
        for worker in workers:
            worker.stop()

    try:
        for _ in range(processes):
            workers.append(_Worker())
            idle.put(workers[-1])
        # A thread per process waits for its answers; it ends where its process does.
        ask = partial(_ask, idle)
        yield from in_order(ask, jobs, threads=processes, ahead=processes + 2, at_end=stop)
    finally:
        stop()


def _ask(idle: SimpleQueue[_Worker], job: Job) -> Answer:
    worker = idle.get()
    try:
        return worker.ask(job)
    finally:
        idle.put(worker)


class _Worker:
    """One process that does one job at a time."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", "-c", _START, json.dumps(sys.path)]
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, with a fixed text
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        self._in = cast("IO[bytes]", self._process.stdin)
        self._out = cast("IO[bytes]", self._process.stdout)

    def ask(self, job: Job) -> Answer:
        """The answer to a job; an error where the process ended before it gave one."""
        try:
            self._in.write(json.dumps(job).encode() + b"\n")
            self._in.flush()
            return _read_answer(self._out)
        except (OSError, EOFError, ValueError) as error:
            raise SqlselError(
                f"a process that read {job.get('folder')} ended "
                f"(exit code {self._exit_code()}); with processes=1 none is started"
            ) from error

    def _exit_code(self) -> int | None:
        try:
            return self._process.wait(1)  # its pipes may close a little before it ends
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        for end in (self._in, self._out):
            try:
                end.close()
            except OSError:  # it had not read all of its job
                continue


def serve() -> None:
    """The other end, in a process of its own: do jobs until there are no more, or nobody reads the answers."""
    pa.set_cpu_count(1)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what is printed does not mix with answers
    try:
        for line in sys.stdin.buffer:
            job = json.loads(line)
            try:
                answer = import_module(_WORK[job["kind"]]).work(job)
            except SqlselError as error:
                answer = Answer([], Report(), str(error))
            _write_answer(answer, answers)
    except BrokenPipeError:
        os._exit(0)


def _write_answer(answer: Answer, out: IO[bytes]) -> None:
    """One line of JSON with the report, then the batches as an Arrow stream."""
    body = pa.BufferOutputStream()
    if answer.batches:
        with pa.ipc.new_stream(body, answer.batches[0].schema) as stream:
            for batch in answer.batches:
                stream.write_batch(batch)
    data = body.getvalue()
    report = answer.report
    head = {
        "bytes": data.size,
        "error": answer.error,
        "skipped": [[skipped.path, skipped.reason] for skipped in report.skipped],
        "warnings": {kind: [w.count, w.examples] for kind, w in report.warnings.items()},
    }
    out.write(json.dumps(head).encode() + b"\n")
    out.write(data)
    out.flush()


def _read_answer(source: IO[bytes]) -> Answer:
    """What ``_write_answer`` wrote; EOFError where it ends before its end."""
    line = source.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    head = json.loads(line)
    if head["error"]:
        raise SqlselError(head["error"])
    data = source.read(head["bytes"])
    if len(data) < head["bytes"]:
        raise EOFError
    report = Report()
    report.skipped = [Skipped(path, reason) for path, reason in head["skipped"]]
    report.warnings = {kind: Warned(*told) for kind, told in head["warnings"].items()}
    return Answer(list(pa.ipc.open_stream(data)) if data else [], report)
