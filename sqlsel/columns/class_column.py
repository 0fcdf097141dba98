"""Reads columns of classes: categories, lists of categories, and masses per class, of any SQL type."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sqlsel.columns.buffers import Growing, Places
from sqlsel.columns.memory import MemoryBudget
from sqlsel.columns.types import is_number, is_whole, plain, sql_name
from sqlsel.errors import InvalidInput

_NUMBERED_AT_ONCE = 1 << 17  # rows


class ClassColumn:
    """Reads a column of classes: ``put`` each batch, then ``finish`` once.

    ``name``: the column's, for messages. ``budget``: the memory it may use; InvalidInput where that does not
    suffice. ``skip``: NaN in a column of categories is no class, as NULL; else InvalidInput.

    Types: a category per row (text, whole numbers, booleans …), a list of categories (each counts 1), or masses: a list
    with a number per class, a STRUCT with a field per class, or a MAP from class to mass. All batches must be of one
    type, or of Arrow's type null.
    """

    def __init__(self, name: str, budget: MemoryBudget, *, skip: bool = False) -> None:
        """An empty column; nothing is allocated before the first batch."""
        self._name, self._budget, self._skip = name, budget, skip
        self._numbers: dict[str, int] = {}
        self._codes = Growing(np.int32, budget, fill=-1)
        self._encoded: list[tuple[Places, pa.Array]] = []  # categories that are not numbered yet
        self._matrix: Growing | None = None
        self._triples: list[tuple[Places, NDArray[Any], NDArray[np.float64]]] = []
        self._width = 0
        self._open = False

    def put(self, places: Places, array: pa.Array) -> None:
        """Store a batch: entry i of ``array`` is row ``places[i]``, counted from 0; batches come in any order.

        NULL is a row without a class; a NULL mass is 0. InvalidInput for types that are neither categories nor masses,
        for numbers that are not whole, and for lists of masses of different lengths.
        """
        array = plain(array)
        kind = array.type
        if pa.types.is_null(kind):
            self._codes.reach(int(places.max(initial=-1)) + 1)
        elif pa.types.is_struct(kind):
            self._put_struct(places, array)
        elif pa.types.is_map(kind):
            self._put_map(places, array)
        elif (
            pa.types.is_list(kind)
            or pa.types.is_large_list(kind)
            or pa.types.is_fixed_size_list(kind)
        ):
            self._put_list(places, array)
        else:
            self._put_categories(places, array)

    def _number(self, names: list[str]) -> NDArray[np.int64]:
        """The class number of each name, from 0 in the order of first appearance; new names get the next ones."""
        return np.array([self._numbers.setdefault(n, len(self._numbers)) for n in names], np.int64)

    def _texts(self, array: pa.Array) -> pa.Array:
        """The categories as text, NULL where the entry is; InvalidInput for dates, times and what is no text."""
        kind = array.type
        if pa.types.is_floating(kind):
            array = self._whole(array)
        if pa.types.is_temporal(kind):
            raise InvalidInput(
                f"{self._name} is {sql_name(kind)}; BALANCE needs categories: cast it to text"
            )
        try:
            return array if pa.types.is_string(kind) else array.cast(pa.string())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            what = f"{self._name} is {sql_name(kind)} that is no text"
            raise InvalidInput(
                f"{what}; BALANCE needs categories: cast it to text, or take hex(…) of a BLOB"
            ) from None

    def _whole(self, array: pa.Array) -> pa.Array:
        """Floats as int64, if all are whole: pandas stores integers with missing values so. Else InvalidInput.

        NULL stays NULL; with ``skip`` NaN becomes NULL, else it is not whole.
        """
        if self._skip:
            array = pc.if_else(pc.is_nan(array), None, array)
        numbers = array.drop_null().to_numpy(zero_copy_only=False)
        if not is_whole(numbers):
            raise InvalidInput(
                f"{self._name} is {sql_name(array.type)}; BALANCE needs categories: "
                "bin the numbers or cast them to text"
            )
        return array.cast(pa.int64())

    def _put_categories(self, places: Places, array: pa.Array) -> None:
        """Store a category per row; they are numbered when 131,072 rows wait for that, or by ``finish``."""
        self._encoded.append((places, self._texts(array).dictionary_encode()))
        if sum(len(waiting) for waiting, _ in self._encoded) >= _NUMBERED_AT_ONCE:
            self._number_encoded()

    def _number_encoded(self) -> None:
        """Write the class numbers of the waiting batches to the codes, −1 for NULL; nothing where none waits.

        Many batches at once: one by one, each would look up most categories again.
        """
        if not self._encoded:
            return
        places = np.concatenate([waiting for waiting, _ in self._encoded])
        unified = pa.chunked_array([array for _, array in self._encoded]).unify_dictionaries()
        self._encoded = []
        numbers = self._number(unified.chunk(0).dictionary.to_pylist())
        parts = [
            chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False) for chunk in unified.chunks
        ]
        indices = np.concatenate(parts)
        codes = self._codes.reach(int(places.max(initial=-1)) + 1)
        codes[places] = np.where(indices < 0, -1, numbers[indices] if len(numbers) else -1)

    def _put_struct(self, places: Places, array: pa.Array) -> None:
        """Store the masses of a STRUCT, whose fields are the classes; InvalidInput for a field without numbers.

        A row or field that is NULL has the mass 0.
        """
        for i, field in enumerate(array.type):
            values = array.field(i) if array.offset == 0 else array.flatten()[i]
            if pa.types.is_null(field.type):
                values = pa.nulls(len(array), pa.float64())
            elif not is_number(field.type):
                raise InvalidInput(
                    f"{self._name}.{field.name} is {sql_name(field.type)}; class masses must be numbers"
                )
            masses = pc.fill_null(values.cast(pa.float64()), 0.0).to_numpy(zero_copy_only=False)
            masses = np.where(np.asarray(array.is_valid()), masses, 0.0)
            self._triples.append(
                (places, np.full(len(places), self._number([field.name])[0]), masses)
            )
        self._make_room(places)

    def _put_map(self, places: Places, array: pa.Array) -> None:
        """Store the masses of a MAP, whose keys as text are the classes; InvalidInput where values are no numbers.

        A NULL row has no class, and a NULL value is 0.
        """
        keys, items = array.keys, array.items
        self._open = True
        offsets = array.offsets.to_numpy()
        counts = np.where(np.asarray(array.is_valid()), np.diff(offsets), 0)
        inside = slice(int(offsets[0]), int(offsets[-1]))
        if not (is_number(items.type) or pa.types.is_null(items.type)):
            raise InvalidInput(
                f"the values of {self._name} are {sql_name(items.type)}; class masses must be numbers"
            )
        names = self._number([str(k) for k in keys[inside].to_pylist()])
        masses = pc.fill_null(items[inside].cast(pa.float64()), 0.0).to_numpy(zero_copy_only=False)
        self._triples.append((np.repeat(places, counts), names, masses))
        self._make_room(places)

    def _put_list(self, places: Places, array: pa.Array) -> None:
        """Store a list per row: of numbers (not booleans) as masses, else of categories, each of which counts 1.

        A category that occurs twice counts 2. NULL rows and NULL entries have no class. InvalidInput for nested lists.
        """
        element = array.type.value_type
        valid = np.asarray(array.is_valid())
        if (
            pa.types.is_floating(element)
            or pa.types.is_integer(element)
            or pa.types.is_decimal(element)
        ):
            self._put_masses(places, array, valid)
            return
        if pa.types.is_nested(element):
            raise InvalidInput(
                f"{self._name} is a list of lists or structs; "
                "BALANCE needs categories, or one number per class"
            )
        self._open = True
        lengths = np.asarray(pc.list_value_length(array).fill_null(0))
        entries = self._texts(array.flatten())
        named = np.asarray(entries.is_valid())  # a NULL entry is no class
        names = self._number(entries.drop_null().to_pylist())
        self._triples.append((np.repeat(places, lengths)[named], names, np.ones(len(names))))
        self._make_room(places)

    def _put_masses(self, places: Places, array: pa.Array, valid: NDArray[np.bool_]) -> None:
        """Store lists with a number per class as rows of the matrix (rows × classes).

        ``valid``: mask of the rows that are not NULL. NULL rows and entries are 0. InvalidInput, with the row, for an
        empty list, and for a length that is not that of the first one.
        """
        lengths = np.asarray(pc.list_value_length(array).drop_null())
        if len(lengths) == 0:
            self._make_room(places)
            return
        self._width = self._width or int(lengths[0])
        if (lengths != self._width).any():
            bad = int(np.flatnonzero(lengths != self._width)[0])
            raise InvalidInput(
                f"{self._name}: class rows of different lengths: {self._width} "
                f"and {int(lengths[bad])} (row {{row}})",
                int(places[valid][bad]),
            )
        if not self._width:
            raise InvalidInput(
                f"{self._name}: the list is empty (row {{row}}); it needs one number per class",
                int(places[valid][0]),
            )
        self._matrix = self._matrix or Growing(np.float64, self._budget, self._width)
        matrix = self._matrix.reach(int(places.max()) + 1)
        flat = array.flatten().cast(pa.float64()).fill_null(0.0).to_numpy(zero_copy_only=False)
        matrix[places[valid]] = flat.reshape(-1, self._width)
        self._make_room(places)

    def _make_room(self, places: Places) -> None:
        """Let the codes reach the last of ``places``; new ones are −1. InvalidInput where memory does not suffice."""
        self._codes.reach(int(places.max(initial=-1)) + 1)

    def finish(self, rows: int) -> tuple[Any, NDArray[np.bool_]]:
        """((form, names, data), mask that is True for all of the first ``rows`` rows: none is without input).

        Forms: "codes": data is an int32 class number per row, −1 for none, which ``names`` gives in alphabetical order.
        "masses": a float64 matrix (rows × classes); names are None for lists of numbers, whose classes are positions.
        "counts": such a matrix of lists of categories, and of maps: there may be other classes than those seen.
        Where all is NULL: codes of −1 and no names. InvalidInput where the matrix does not fit the memory budget.
        """
        present = np.ones(rows, np.bool_)
        self._number_encoded()
        if self._matrix is not None:
            return ("masses", None, self._matrix.cut(rows)), present
        by_text = sorted(self._numbers)
        place = np.empty(len(by_text), np.int32)
        place[[self._numbers[n] for n in by_text]] = np.arange(len(by_text))
        if self._triples:
            self._budget.ask(rows, len(by_text), 8, rows)
            matrix = np.zeros((rows, len(by_text)))
            for rows_of, names, masses in self._triples:
                np.add.at(matrix, (rows_of, place[names]), masses)
            return ("counts" if self._open else "masses", tuple(by_text), matrix), present
        codes = self._codes.cut(rows)
        renumbered = np.append(place, np.int32(-1))  # −1 looks up the last entry
        for start in range(0, rows, _NUMBERED_AT_ONCE):  # in place: a copy would be a column more
            part = codes[start : start + _NUMBERED_AT_ONCE]
            part[:] = renumbered[part]
        return ("codes", tuple(by_text), codes), present
