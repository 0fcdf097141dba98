"""Names in files joined to the samples of a dataset; those of an empty dataset become its samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from sqlsel.catalog.imports.steps import Imported, names_of, put_names
from sqlsel.readers.join_names import Names, check_some, joined, without_prefix
from sqlsel.readers.predictions import of_samples as with_samples

NO_SAMPLE = "vectors of ids that are no samples are left out"


def sample_of_each(
    done: Imported, entries: Sequence[str], what: str, strip_prefix: str
) -> dict[str, str | None]:
    """The sample that each name means; InvalidInput where no name means any."""
    if done.dataset.count() == 0:
        own = [without_prefix(entry, strip_prefix) for entry in entries]
        put_names(done, list(dict.fromkeys(own)))
        known = Names(own, strip_prefix)
    else:
        known = Names(names_of(done.dataset), strip_prefix)
    samples = joined(entries, known, done.report)
    check_some(samples, entries, known, what)
    return dict(zip(entries, samples, strict=True))


def of_samples(
    done: Imported, vectors: pa.Table, strip_prefix: str, *, objects: bool = False
) -> pa.Table:
    """The rows of samples, with their own ids; ``objects``: ids of objects, ``<sample id>#<number>``."""
    ids = vectors["sample_id"].to_pylist()
    cuts = [one.rpartition("#") if objects else ("", "", one) for one in ids]
    names = [sample if hash_ else one for (sample, hash_, _), one in zip(cuts, ids, strict=True)]
    own = sample_of_each(done, list(dict.fromkeys(names)), "ids", strip_prefix)
    if own.keys() == set(own.values()):
        return vectors
    whole = [
        s if s is None or not hash_ else f"{s}#{number}"
        for s, (_, hash_, number) in zip(map(own.get, names), cuts, strict=True)
    ]
    if lost := whole.count(None):
        done.report.warn(
            NO_SAMPLE, f"{lost:,} of {len(ids):,}, the first is {first_lost(names, own)!r}", lost
        )
    at = vectors.column_names.index("sample_id")
    table = vectors.set_column(at, "sample_id", pa.array(whole, pa.string()))
    return table.filter(table["sample_id"].is_valid())


def first_lost(names: Sequence[str], own: Mapping[str, str | None]) -> str:
    """The first name that means no sample."""
    return next(name for name in names if own[name] is None)


def renamed(
    batches: Iterable[pa.RecordBatch], own: Mapping[str, str | None]
) -> Iterator[pa.RecordBatch]:
    """The batches with the samples that their names mean."""
    for batch in batches:
        names = batch["sample_id"].to_pylist()
        samples = [own[name] for name in names]
        yield batch if samples == names else with_samples(batch, samples)
