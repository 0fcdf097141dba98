"""What the macros ``sqlsel.sql``, ``sqlsel.select_samples`` and ``sqlsel.config`` call: text to text."""

from __future__ import annotations

import json
import uuid
import weakref
from typing import Any

import duckdb

from sqlsel import selection
from sqlsel.clause import rewrite
from sqlsel.clause.printer import printed
from sqlsel.compiling import Options, compile_config
from sqlsel.errors import SqlselError


class Catalog:
    """The functions of one database; ``number`` tells it from the others of this process."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.functions: list[Any] = []
        self._connections: weakref.WeakSet[duckdb.DuckDBPyConnection] = weakref.WeakSet()

    def see(self, con: duckdb.DuckDBPyConnection) -> None:
        """Remember a connection through which the database can be looked at."""
        self._connections.add(con)

    def catalog(self) -> int:
        """The SQL function ``sqlsel_catalog()``."""
        return self.number

    def begin(self, specs: Any) -> Any:
        """The SQL function ``sqlsel_begin(spec)``: gives the run's token."""
        return selection.begin(self.number, specs)

    def rewrite(self, text: str) -> str:
        """The SQL function ``sqlsel_rewrite(text)``."""
        return rewrite(text, uuid.uuid4().hex).sql

    def statement(self, source: str, strategies: str, options: str) -> str:
        """The SQL function ``sqlsel_statement(source, strategies, options)``."""
        return self.rewrite(printed(source, json.loads(strategies), json.loads(options)))

    def compiled(self, source: str, configuration: str, options: str) -> str:
        """The SQL function ``sqlsel_compiled(source, configuration, options)``."""
        given = Options(**json.loads(options))
        return self.rewrite(self._compiled(source, configuration, given))

    def _compiled(self, source: str, configuration: str, options: Options) -> str:
        for con in self._connections:
            try:
                cursor = con.cursor()
            except duckdb.Error:
                continue  # closed
            in_database = not _is_file(source)
            found = compile_config(
                cursor, configuration, source, in_database=in_database, options=options
            )
            return found.statement
        raise SqlselError(
            "sqlsel.config needs an open connection that was loaded: sqlsel.load(con)"
        )

    def run_log(self, connection: int) -> Any:
        """The SQL function ``sqlsel_run_log(connection)``: a list of structs, the latest first."""
        return selection.REGISTRY.log(self.number, connection)


def _is_file(source: str) -> bool:
    return (
        "/" in source
        or "*" in source
        or source.rsplit(".", 1)[-1].lower()
        in (
            "parquet",
            "csv",
            "tsv",
            "json",
            "ndjson",
            "jsonl",
            "arrow",
            "ipc",
            "feather",
        )
    )
