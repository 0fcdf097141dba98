"""The far end of ``processes``: reads jobs from standard input, writes their answers."""

from __future__ import annotations

import json
import os
import sys

import pyarrow as pa

from sqlsel.ingest import metadata, predictions
from sqlsel.ingest.processes import write_answer

WORK = {"metadata": metadata.work, "predictions": predictions.work}


def serve() -> None:
    """Do jobs until there are no more, or nobody wants the answers."""
    pa.set_cpu_count(1)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what is printed does not mix with answers
    try:
        for line in sys.stdin.buffer:
            job = json.loads(line)
            write_answer(WORK[job["kind"]](job), answers)
    except BrokenPipeError:
        os._exit(0)
