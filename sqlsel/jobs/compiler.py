"""Compiles a configuration and its data into one SQL statement, which every front end then runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlsel.config import Faults, SelectionConfig, compile_statement, hints
from sqlsel.config.documents import read_draft
from sqlsel.config.entry_inputs import Embeddings
from sqlsel.config.others import Others
from sqlsel.errors import ConfigError
from sqlsel.jobs.filters import restrict_pool
from sqlsel.jobs.missing_measures import with_measures
from sqlsel.jobs.pools import Pool, open_pool, tags_that_grow, with_unknown_counts
from sqlsel.jobs.preselected import Preselected
from sqlsel.jobs.query_vectors import query_sets
from sqlsel.jobs.score_checks import check_probabilities

if TYPE_CHECKING:
    import duckdb


Check = Callable[[SelectionConfig, Pool], None]


@dataclass(frozen=True)
class Options:
    """The options of a run beside its configuration; None: the default, or what the configuration says.

    ``preselected``: a boolean column, a tag, or a file of names. ``pool``: the tag to select from.
    ``append_to``: a tag whose samples, if it exists, are selected already. ``checks``: nothing is
    selected afterwards, so only a few images are measured where measures are missing; ``quiet``: no
    line of progress. ``others``: the registered strategies beside Lightly's.
    """

    id: str | None = None
    embedding: str | None = None
    datasets: Mapping[str, str] | None = None  # name → file
    preselected: str | None = None
    n_counts: str | None = None
    on_invalid: str | None = None
    seed: int | None = None
    n: int | None = None
    proportion: float | None = None
    pool: str | None = None
    append_to: str | None = None
    checks: bool = False
    quiet: bool = False
    others: Others = field(default_factory=dict)


@dataclass(frozen=True)
class Compiled:
    """A configuration as a statement over its data; ``key``: the column of ids, if any; ``hints``: for the user."""

    config: SelectionConfig
    statement: str
    pool: Pool
    key: str | None
    hints: tuple[str, ...]


def compile_config(
    con: duckdb.DuckDBPyConnection,
    config: Any,
    data: Any,
    *,
    in_database: bool,
    options: Options,
    check: Check | None = None,
) -> Compiled:
    """The configuration as a ``SELECT … USING STRATEGY`` statement over ``data``.

    ``data``: a relation, an object that DuckDB can scan, the name of a dataset or a table (where
    ``in_database``; None: the only dataset), or of a file or a folder. ``check(config, pool)`` may raise
    a further fault. The error that is raised (ConfigError, CatalogError or InvalidInput) lists all faults,
    those of the configuration and those against the data; no vector is read before.
    """
    parsed = read_draft(config, options.others)
    faults = Faults(parsed.file)
    for problem in parsed.problems:
        faults.add(ConfigError(problem), problem)
    with faults.at():
        parsed = _with_budget(parsed, options)
    pool = _open_measured_pool(
        con, parsed, data, in_database=in_database, options=options, faults=faults
    )
    worker = parsed.worker
    pool, adapted = restrict_pool(con, parsed, pool, options.pool, faults)
    pool = with_unknown_counts(con, adapted, pool)
    check_probabilities(con, adapted, pool, faults)
    key, before = _key_and_preselected(con, parsed, pool, options, faults)
    if check is not None:
        with faults.at():
            check(parsed, pool)
    sets = query_sets(con, options.datasets or {}, faults)
    embedding = _embedding(pool, options.embedding or worker.embeddings, faults)
    statement = compile_statement(
        replace(adapted, preselected_tag=before.tag),
        source=pool.source.sql,
        columns=pool.source.columns,
        key=key,
        embedding=embedding,
        query_sets=sets,
        tasks=pool.tasks,
        tags=before.tags,
        seed=options.seed,
        preselected=before.column,
        n_counts=options.n_counts,
        on_invalid=options.on_invalid,
        hidden=pool.hidden(),
        faults=faults,
    )
    if worker.selected_sequence_length is not None:
        statement = _frame_by_frame(statement)
    no_catalogue = "a tag is asked for and not kept: that needs a catalogue (sqlsel import, --db)"
    lost_tag = [no_catalogue] if pool.temporary and (parsed.tag or worker.use_datapool) else []
    return Compiled(
        parsed,
        statement,
        pool,
        key,
        (
            *pool.notes,
            *hints(parsed, [] if embedding else pool.unnamed_models()),
            *_queries_first(parsed, pool),
            *before.notes,
            *lost_tag,
        ),
    )


def _open_measured_pool(
    con: duckdb.DuckDBPyConnection,
    parsed: SelectionConfig,
    data: Any,
    *,
    in_database: bool,
    options: Options,
    faults: Faults,
) -> Pool:
    """Open ``data``; of a folder of images, compute the values of pixels that are used and not there yet.

    Of a few images only where nothing will be selected. Faults are added to ``faults``; they are raised at once only
    where the data cannot be opened.
    """
    pool = None
    with faults.at():
        pool = open_pool(con, data, in_database=in_database)
        faults.images = str(pool.folder or "")
        sample = options.checks or bool(faults.problems)  # nothing is selected afterwards
        pool = with_measures(con, parsed, pool, sample=sample, quiet=options.quiet)
    if pool is None:
        raise faults.error()
    return pool


def _key_and_preselected(
    con: duckdb.DuckDBPyConnection,
    config: SelectionConfig,
    pool: Pool,
    options: Options,
    faults: Faults,
) -> tuple[str | None, Preselected]:
    """The column of ids (None: the data has none), and what is selected already. Faults go into ``faults``."""
    key = pool.source.id_column(None)
    with faults.at():
        key = pool.source.id_column(options.id)
    named, before = options.preselected or config.preselected_tag, None
    place = "" if options.preselected or named is None else "preselected_tag_name"
    with faults.at(place):
        grows = tags_that_grow(pool, options.append_to, config.worker)
        names = [*([] if named is None else [named]), *grows]
        before = Preselected.of(con, pool, names, key)
    return key, before or Preselected.of(con, pool, [], key)


def _embedding(pool: Pool, name: str | None, faults: Faults) -> str | None:
    """The column that holds the embedding ``name``; None where ``name`` is None.

    None, with a fault noted, where a dataset has others but not this one. Of other data ``name`` is given back
    unchecked.
    """
    with faults.at():
        return pool.embedding(name)
    return None


def _queries_first(config: SelectionConfig, pool: Pool) -> list[str]:
    """A note for each tag of the same data whose samples are queries of SIMILARITY: they come first.

    Empty where there is none.
    """
    name = pool.dataset.name if pool.dataset else None
    tags = [
        entry.input.tag_name
        for entry in config.strategies
        if isinstance(entry.input, Embeddings)
        and entry.input.tag_name is not None
        and entry.input.dataset_id in (None, name)
    ]
    return [
        f"SIMILARITY to tag {tag!r} of the same data: its samples are the most similar ones and "
        "come first; preselect the tag to leave them out (--preselected, preselected=)"
        for tag in dict.fromkeys(tags)
    ]


def _frame_by_frame(statement: str) -> str:
    """The statement around one with a row per sequence: a row per frame, with its sequence's rank and values.

    Ordered by rank, then by place in the sequence. The inner result needs the columns sample_id, frames, file_name,
    frame and rank.
    """
    inner = statement.replace("\n", "\n        ")
    return (
        "SELECT * EXCLUDE (sqlsel_at)\nFROM (\n"
        "    SELECT unnest(frames) AS sample_id, generate_subscripts(frames, 1) AS sqlsel_at,\n"
        "        * EXCLUDE (sample_id, frames, file_name, frame)\n"
        f"    FROM (\n        {inner}))\nORDER BY rank ASC, sqlsel_at ASC"
    )


def _with_budget(config: SelectionConfig, options: Options) -> SelectionConfig:
    """The configuration with ``n`` or ``proportion`` of ``options`` in place of its own budget, if one is given.

    ConfigError where both are given, or neither and the configuration is a bare list of strategies, which has no
    budget.
    """
    if options.n is not None and options.proportion is not None:
        raise ConfigError("give exactly one of n and proportion, not both")
    if options.n is not None:
        return replace(config, n_samples=options.n, proportion_samples=None)
    if options.proportion is not None:
        return replace(config, n_samples=None, proportion_samples=options.proportion)
    if isinstance(config.original, list) and config.n_samples is None:
        raise ConfigError(
            "a list of strategies has no budget: give one, -n or --proportion (in Python n= or "
            "proportion=)"
        )
    return config
