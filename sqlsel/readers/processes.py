"""Runs jobs in this process or in several, and gives their results in the order of the jobs.

The workers are plain child processes that read a job and write its result: they do not import the
caller's script again, end with this process however it ends, and do not receive Ctrl-C.
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
_FEW_FILES = 4_000  # files; a process takes as long to start as to read a thousand
_WORK = {  # where the function ``work`` of each kind of job lives
    "metadata": "sqlsel.readers.metadata",
    "predictions": "sqlsel.readers.predictions",
    "images": "sqlsel.images.work.apart",
}


@dataclass
class JobResult:
    """The result of a job: batches of rows, and what was left out; or the message of the error that ended it."""

    batches: list[pa.RecordBatch]
    report: Report
    error: str = ""


def n_processes(processes: int | None, files: int) -> int:
    """How many processes read so many files; None: chosen by their number, since a process takes time to start."""
    if processes is not None:
        return max(processes, 1)
    if files < _FEW_FILES:
        return 1
    return min(cores(), files // (_FEW_FILES // 2), 16)


def run_jobs(
    jobs: Iterable[Job], work: Callable[[Job], JobResult], *, processes: int
) -> Iterator[JobResult]:
    """``work(job)`` of every job, in order; few results wait at a time, so that memory stays bounded."""
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
        run = partial(_run_on_idle, idle)
        yield from in_order(run, jobs, threads=processes, ahead=processes + 2, at_end=stop)
    finally:
        stop()


def _run_on_idle(idle: SimpleQueue[_Worker], job: Job) -> JobResult:
    """Run a job in the next idle process."""
    worker = idle.get()
    try:
        return worker.run(job)
    finally:
        idle.put(worker)


class _Worker:
    """A child process that runs one job at a time."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", "-c", _START, json.dumps(sys.path)]
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, with a fixed text
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        self._in = cast("IO[bytes]", self._process.stdin)
        self._out = cast("IO[bytes]", self._process.stdout)

    def run(self, job: Job) -> JobResult:
        """The result of a job; SqlselError where the process ended before it gave one."""
        try:
            self._in.write(json.dumps(job).encode() + b"\n")
            self._in.flush()
            return _read_result(self._out)
        except (OSError, EOFError, ValueError) as error:
            raise SqlselError(
                f"a process that read {job.get('folder')} ended "
                f"(exit code {self._exit_code()}); with processes=1 none is started"
            ) from error

    def _exit_code(self) -> int | None:
        """The exit code of a process whose pipes have closed; None where it still runs."""
        try:
            return self._process.wait(1)  # its pipes may close a little before it ends
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """Kill the process and close its pipes."""
        self._process.kill()
        self._process.wait()
        for end in (self._in, self._out):
            try:
                end.close()
            except OSError:  # it had not read all of its job
                continue


def serve() -> None:
    """The main function of a worker: run jobs from stdin until there are no more, or results are no longer read."""
    pa.set_cpu_count(1)
    results = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what is printed does not mix with answers
    try:
        for line in sys.stdin.buffer:
            job = json.loads(line)
            try:
                result = import_module(_WORK[job["kind"]]).work(job)
            except SqlselError as error:
                result = JobResult([], Report(), str(error))
            _write_result(result, results)
    except BrokenPipeError:
        os._exit(0)


def _write_result(result: JobResult, out: IO[bytes]) -> None:
    """Write a line of JSON with the report, then the batches as an Arrow stream."""
    body = pa.BufferOutputStream()
    if result.batches:
        with pa.ipc.new_stream(body, result.batches[0].schema) as stream:
            for batch in result.batches:
                stream.write_batch(batch)
    data = body.getvalue()
    report = result.report
    header = {
        "bytes": data.size,
        "error": result.error,
        "skipped": [[skipped.path, skipped.reason] for skipped in report.skipped],
        "warnings": {kind: [w.count, w.examples] for kind, w in report.warnings.items()},
    }
    out.write(json.dumps(header).encode() + b"\n")
    out.write(data)
    out.flush()


def _read_result(source: IO[bytes]) -> JobResult:
    """Read what ``_write_result`` wrote; EOFError where it is cut off, SqlselError for an error of the job."""
    line = source.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    header = json.loads(line)
    if header["error"]:
        raise SqlselError(header["error"])
    data = source.read(header["bytes"])
    if len(data) < header["bytes"]:
        raise EOFError
    report = Report()
    report.skipped = [Skipped(path, reason) for path, reason in header["skipped"]]
    report.warnings = {kind: Warned(*values) for kind, values in header["warnings"].items()}
    return JobResult(list(pa.ipc.open_stream(data)) if data else [], report)
