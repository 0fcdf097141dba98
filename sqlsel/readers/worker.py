"""The far end of ``processes``: reads jobs from standard input, writes their answers."""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module

import pyarrow as pa

from sqlsel.errors import SqlselError
from sqlsel.readers.import_report import Report
from sqlsel.readers.processes import Answer, write_answer

WORK = {  # where the function ``work`` of each kind of job lives
    "metadata": "sqlsel.readers.metadata",
    "predictions": "sqlsel.readers.predictions",
    "images": "sqlsel.images.work.apart",
}


def serve() -> None:
    """Do jobs until there are no more, or the reader of the answers is gone."""
    pa.set_cpu_count(1)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what is printed does not mix with answers
    try:
        for line in sys.stdin.buffer:
            job = json.loads(line)
            try:
                answer = import_module(WORK[job["kind"]]).work(job)
            except SqlselError as error:
                answer = Answer([], Report(), str(error))
            write_answer(answer, answers)
    except BrokenPipeError:
        os._exit(0)
