"""Reads Lightly's tags: a bit mask over the sorted file names of a dataset."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from sqlsel.errors import InvalidInput
from sqlsel.readers import json_checks
from sqlsel.readers.strict import Fault, load

_MASK = re.compile("0x[0-9a-fA-F]+")


def read_tag(path: Path, names: Sequence[str]) -> list[str]:
    """The names in a tag, of the dataset whose sorted file names are ``names``; InvalidInput where it does not fit.

    Bit i of the mask, counted from the least significant, belongs to the i-th name.
    """
    try:
        return _samples_of_mask(json_checks.mapping(load(path), "the whole file"), names)
    except Fault as fault:
        raise InvalidInput(f"{path}: {fault}") from fault


def _samples_of_mask(top: dict[str, object], names: Sequence[str]) -> list[str]:
    """The names whose bits are set; a Fault where the tag is for another number of samples."""
    size = json_checks.integer(json_checks.member(top, "tot_size", ""), "tot_size")
    if size != len(names):
        raise Fault(f"tot_size: the tag is of {size:,} samples, the data set has {len(names):,}")
    text = json_checks.text(json_checks.member(top, "bit_mask_data", ""), "bit_mask_data")
    if not _MASK.fullmatch(text):
        json_checks.refuse("bit_mask_data", "hexadecimal digits after 0x", text)
    mask = int(text, 16)
    if mask >> size:  # the sorted names are not those for which the mask was made
        raise Fault(f"bit_mask_data: has bits beyond the {size:,} samples")
    return [names[at] for at, bit in enumerate(reversed(f"{mask:b}")) if bit == "1"]
