"""Decodes the predictions from a model's outputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlsel.errors import ConfigError, InvalidInput
from sqlsel.images.models.batches import check_finite
from sqlsel.images.models.decoding import DECODERS
from sqlsel.images.models.decoding.decoded import OutputMismatch
from sqlsel.images.models.fitting import output_name
from sqlsel.images.models.parts import Output, Settings
from sqlsel.images.models.picture_predictions import Prediction, predictions
from sqlsel.images.models.preparing import Prepared
from sqlsel.images.models.runtime import Array, Graph


class PredictionOutput:
    """The outputs that table [output] of the settings describes.

    ``tensors`` and ``categories`` are empty without such a table.
    """

    def __init__(self, graph: Graph, settings: Settings) -> None:
        self._graph, self._settings = graph, settings
        self._size = settings.input.size or (0, 0)
        self.tensors: list[str] = []
        self.categories: tuple[str, ...] = ()
        if (output := settings.output) is not None:
            keys = ("boxes", "scores") if output.kind == "boxes" else ("tensor",)
            self.tensors = [
                output_name(graph, settings, f"output.{key}", getattr(output, key)) for key in keys
            ]

    def try_out(self, raw: Sequence[Array]) -> None:
        """Find the categories from the outputs for one picture; ConfigError where they do not fit the settings."""
        if not self.tensors:
            return
        output = self.output()
        try:
            count = DECODERS[output.kind].classes([r.shape[1:] for r in raw], output, self._size)
        except OutputMismatch as fault:
            raise ConfigError(
                f"{self._describe()}, but {self._graph.path} does not fit: {fault}"
            ) from fault
        if output.classes and len(output.classes) != count:
            raise ConfigError(
                f"{self._settings.source}: output.classes: holds {len(output.classes):,} names, "
                f"but {self._graph.path} has {count:,} classes"
            )
        self.categories = output.classes or tuple(f"class_{number}" for number in range(count))

    def predictions(
        self, batches: Iterable[Sequence[Array]], prepared: Sequence[Prepared]
    ) -> list[list[Prediction]]:
        """The predictions of each picture of all batches, highest score first.

        InvalidInput for outputs that are not finite or not as the settings say; ``row`` is the picture's number.
        """
        predicted: list[list[Prediction]] = []
        for raw in batches:
            before = len(predicted)
            for name, values in zip(self.tensors, raw, strict=True):
                check_finite(self._graph, name, values, before)
            for at in range(len(raw[0])):
                of_one = [values[at] for values in raw]
                predicted.append(self._decode(of_one, prepared[before + at], before + at))
        return predicted

    def output(self) -> Output:
        """The table [output]; ConfigError where there is none."""
        if self._settings.output is None:
            raise ConfigError(
                f"{self._settings.source}: has no table [output] that says what is predicted"
            )
        return self._settings.output

    def _decode(self, raw: Sequence[Array], prepared: Prepared, row: int) -> list[Prediction]:
        """The predictions of one picture from its part of the outputs."""
        output = self.output()
        try:
            decoded = DECODERS[output.kind].decode(raw, output, self._size)
        except OutputMismatch as fault:
            text = f"{self._describe()}, but what {self._graph.path} gives for image {{row}} is not: {fault}"
            raise InvalidInput(text, row) from fault
        return predictions(decoded, prepared, output.overlap)

    def _describe(self) -> str:
        """The beginning of messages: which file says what of the outputs."""
        return f"{self._settings.source}: output.kind is {self.output().kind!r}"
