"""The categories of a file of labels, each with an integer and a name, whatever ids the file uses."""

from __future__ import annotations

from sqlsel.errors import listing
from sqlsel.readers import json_checks
from sqlsel.readers.import_report import Report
from sqlsel.readers.mending import as_integer
from sqlsel.readers.read_model import Category
from sqlsel.readers.strict import Fault, check_text

SHARED_ID = "categories share an id; the first has it"
SHARED_NAME = "categories of one name are one"
RENUMBERED = "category ids that are no numbers below 2^31 are replaced by their places, from 0"
_LARGEST = 2**31 - 1


class Categories:
    """The ``listed`` categories; ``number`` finds them by the ids that annotations have."""

    def __init__(self, value: object, report: Report) -> None:
        entries = json_checks.sequence(value, "categories")
        if not entries:
            raise Fault("categories: must list at least one category")
        names: dict[str, str] = {}  # by id
        for at, entry in enumerate(entries):
            number, name = _entry(entry, f"categories[{at}]")
            if names.setdefault(number, name) != name:
                report.warn(SHARED_ID, f"{number}: {names[number]}, {name}")
        first: dict[str, str] = {}  # id by name
        for number, name in names.items():
            if first.setdefault(name, number) != number:
                report.warn(SHARED_NAME, f"{name}: {first[name]}, {number}")
        # The file's own ids are used only if all of them fit into int32; else all are replaced.
        plain = all(number.isdecimal() and int(number) <= _LARGEST for number in first.values())
        if not plain:
            report.warn(RENUMBERED, next(iter(names)))
        places = {name: int(first[name]) if plain else at for at, name in enumerate(first)}
        self.listed = tuple(Category(number, name) for name, number in places.items())
        self._numbers = {number: places[name] for number, name in names.items()}

    def number(self, value: object, path: str) -> int:
        """The integer of the category with the id ``value``; a Fault where there is none."""
        category_number = self._numbers.get(str(as_integer(value)))
        if category_number is None or isinstance(value, bool):
            got, known = json_checks.shown(value), listing([str(one) for one in self.listed])
            raise Fault(f"{path}.category_id: {got} is no category of the file: {known}")
        return category_number


def _entry(value: object, path: str) -> tuple[str, str]:
    """(id, name) of a category, as texts; one without a name is called by its id."""
    entry = json_checks.mapping(value, path)
    number = as_integer(json_checks.member(entry, "id", path))
    if isinstance(number, bool) or not isinstance(number, int | str):
        json_checks.refuse(f"{path}.id", "a number", number)
    name = entry.get("name")
    text = str(number if name is None or name == "" else name)
    check_text(text)
    return str(number), text
