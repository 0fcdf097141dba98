from __future__ import annotations

from pathlib import Path

import pytest

from sqlsel.errors import ConfigError
from sqlsel.images.models.open_model import Prediction
from sqlsel.images.models.settings import find_settings
from sqlsel.images.models.street_classes import PRETAGGING, as_pretagging, to_pretagging
from sqlsel.readers.pretagging import CLASSES


def test_the_seven_classes_are_those_of_the_imported_dump() -> None:
    assert PRETAGGING == CLASSES


def test_names_are_compared_without_case_and_a_motorbike_is_a_motorcycle() -> None:
    assert to_pretagging(("Person", "dog", "MOTORBIKE", " bus ")) == {0: 4, 2: 3, 3: 1}


def test_two_names_of_one_class_both_count() -> None:
    assert to_pretagging(("motorbike", "motorcycle")) == {0: 3, 1: 3}


def test_coco_holds_all_seven() -> None:
    output = find_settings(Path("m.onnx"), "yolox").output
    assert output is not None
    mapping = to_pretagging(output.classes)
    assert sorted(mapping.values()) == list(range(7))
    assert all(output.classes[own] == PRETAGGING[theirs] for own, theirs in mapping.items())


def test_a_detector_of_other_things_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"knows none of bicycle, bus, .*It knows: face$"):
        to_pretagging(("face",))


def test_predictions_of_other_classes_and_all_probabilities_are_dropped() -> None:
    found = [
        Prediction(2, 0.9, (0, 1, 2, 3), (0.1, 0.0, 0.9)),
        Prediction(1, 0.8, (1, 1, 2, 3), None),
        Prediction(0, 0.7, (2, 1, 2, 3), (0.7, 0.3, 0.0)),
    ]
    assert as_pretagging(found, {0: 4, 2: 3}) == [
        Prediction(3, 0.9, (0, 1, 2, 3), None),
        Prediction(4, 0.7, (2, 1, 2, 3), None),
    ]
