"""The client class, and its message for each call of Lightly's client that it does not have."""

from __future__ import annotations

from typing import NoReturn

from sqlsel.errors import suggestion
from sqlsel.lightly.datasets import Datasets
from sqlsel.lightly.datasources import Datasources
from sqlsel.lightly.runs import Runs

# Prefix of a call's name → what to do instead; the first that matches counts, so longer ones stand first.
_INSTEAD = {
    "download_compute_worker_run": (
        "there are no artifacts: the picks are a tag (export_filenames_by_tag_name), and the record "
        "of the run is in the table 'runs' of the dataset's schema in the catalogue"
    ),
    "download_": "the files are on this machine: export_filenames_and_read_urls_by_tag_name tells where",
    "upload_": (
        "nothing is uploaded: put metadata, predictions and vectors into .lightly, or use "
        "sqlsel import"
    ),
    "export_label": "write the file yourself from export_filenames_and_read_urls_by_tag_name",
    "delete_dataset": 'drop it in DuckDB: DROP SCHEMA "NAME" CASCADE; the files stay as they are',
    "selection": "call schedule_compute_worker_run with a selection_config",
    "sampling": "call schedule_compute_worker_run with a selection_config",
    "share_": "there are no accounts: hand on the catalogue, which is one file",
    "unshare_": "there are no accounts: hand on the catalogue, which is one file",
    "get_shared": "there are no accounts: hand on the catalogue, which is one file",
    "get_embedding": "vectors are tables of the catalogue, NAME.embeddings_MODEL: sqlsel sql --db FILE",
    "get_all_embedding": "vectors are tables of the catalogue: sqlsel sql --db FILE",
    "create_compute_worker_config": "pass the three parts to schedule_compute_worker_run",
}


class ApiWorkflowClient(Datasets, Datasources, Runs):
    """Schedules selections on a local catalogue, compatible with the calls of Lightly's client.

    Not affiliated with Lightly. There is no network and no account: ``token`` is ignored with a
    note. Runs are synchronous: scheduling returns when the run is over, waiting returns at once.
    The state lies in the DuckDB database ``db``, by default ``sqlsel.duckdb`` in the working
    directory, a catalogue as every command of sqlsel reads and writes it (``--db``). Images are
    read where they lie. Options that have no meaning here are noted on stderr, unless ``quiet``.
    """

    def __getattr__(self, name: str) -> NoReturn:
        """AttributeError that says what to do instead; called for names that do not exist."""
        if name.startswith("_"):
            raise AttributeError(name)
        calls = [one for one in dir(type(self)) if not one.startswith("_")]
        advice = next((text for start, text in _INSTEAD.items() if name.startswith(start)), None)
        if advice is None:
            advice = (
                "see sqlsel.run, sqlsel.sql and the commands of sqlsel, which work on the same "
                f"catalogue.{suggestion(name, calls)}"
            )
        raise AttributeError(f"sqlsel's ApiWorkflowClient has no {name!r}: {advice}")
