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
    """Name → the id of its sample, for each of ``entries``; None where it matches none, or not one alone.

    Side effect: a dataset without samples gets one per distinct name, without the prefix, first. Names that are written
    otherwise than their sample, or that share one, become warnings of ``imported.report``. ``strip_prefix``: removed
    from the beginning of names. InvalidInput where ``entries`` is empty or none matches; ``what``: what they are, in
    the plural, for that message.
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
    """The rows of ``vectors`` that match a sample, in their order, with its id in the column ``sample_id``.

    ``vectors`` must have that column, of text; the others stay. Other rows are left out, with a warning in
    ``imported.report``. ``strip_prefix``: removed from the beginning of ids. ``objects``: the ids are those of objects,
    ``<sample id>#<number>``, and the number stays; one without ``#`` is taken as a sample's. A dataset without samples
    gets the ids as its samples. InvalidInput where no id matches, or there are no rows.
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
    """The first of ``names`` whose sample in ``own`` (name → id) is None.

    KeyError for a name that is not in ``own``, StopIteration where all have a sample.
    """
    return next(name for name in names if own[name] is None)


def with_sample_ids(
    batches: Iterable[pa.RecordBatch], own: Mapping[str, str | None]
) -> Iterator[pa.RecordBatch]:
    """Yields each batch with the id of the sample in the place of the name in the column ``sample_id``.

    ``own``: name → id, None for no sample: such rows are dropped, so that a batch may be empty. KeyError, while
    iterating, for a name that is not in ``own``.
    """
    for batch in batches:
        names = batch["sample_id"].to_pylist()
        samples = [own[name] for name in names]
        yield batch if samples == names else with_samples(batch, samples)
