"""Matches names in files with the samples of a dataset; an empty dataset gets the names as its samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from sqlsel.catalog.imports.steps import Imported, names_of, put_names
from sqlsel.readers.join_names import SampleNames, check_any_matched, match_names, without_prefix
from sqlsel.readers.predictions import with_sample_ids as with_samples

NO_SAMPLE = "vectors of ids that are no samples are left out"


def match_or_create_samples(
    imported: Imported, entries: Sequence[str], what: str, strip_prefix: str
) -> dict[str, str | None]:
    """Name → the id of its sample, None where there is none; InvalidInput where no name matches.

    ``what`` is the subject of that message; ``strip_prefix``: removed from the beginning of names.
    """
    if imported.dataset.count() == 0:
        new_ids = [without_prefix(entry, strip_prefix) for entry in entries]
        put_names(imported, list(dict.fromkeys(new_ids)))
        names = SampleNames(new_ids, strip_prefix)
    else:
        names = SampleNames(names_of(imported.dataset), strip_prefix)
    samples = match_names(entries, names, imported.report)
    check_any_matched(samples, entries, names, what)
    return dict(zip(entries, samples, strict=True))


def rows_of_samples(
    imported: Imported, vectors: pa.Table, strip_prefix: str, *, objects: bool = False
) -> pa.Table:
    """The rows that match a sample, with its id as sample_id; others are left out, with a warning.

    ``objects``: the ids are those of objects, ``<sample id>#<number>``.
    """
    ids = vectors["sample_id"].to_pylist()
    cuts = [one.rpartition("#") if objects else ("", "", one) for one in ids]
    names = [sample if hash_ else one for (sample, hash_, _), one in zip(cuts, ids, strict=True)]
    own = match_or_create_samples(imported, list(dict.fromkeys(names)), "ids", strip_prefix)
    if own.keys() == set(own.values()):
        return vectors
    whole = [
        s if s is None or not hash_ else f"{s}#{number}"
        for s, (_, hash_, number) in zip(map(own.get, names), cuts, strict=True)
    ]
    if lost := whole.count(None):
        imported.report.warn(
            NO_SAMPLE,
            f"{lost:,} of {len(ids):,}, the first is {first_unmatched(names, own)!r}",
            lost,
        )
    at = vectors.column_names.index("sample_id")
    table = vectors.set_column(at, "sample_id", pa.array(whole, pa.string()))
    return table.filter(table["sample_id"].is_valid())


def first_unmatched(names: Sequence[str], own: Mapping[str, str | None]) -> str:
    """The first name that matches no sample."""
    return next(name for name in names if own[name] is None)


def with_sample_ids(
    batches: Iterable[pa.RecordBatch], own: Mapping[str, str | None]
) -> Iterator[pa.RecordBatch]:
    """The batches with the id of the sample in place of each name; rows without one are dropped."""
    for batch in batches:
        names = batch["sample_id"].to_pylist()
        samples = [own[name] for name in names]
        yield batch if samples == names else with_samples(batch, samples)
