"""The seed's configurations under examples/seed: each is read, and compiles to what the design says."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import re
from pathlib import Path

import pytest
from config.relations import DIGITS, STREETS, columns

from sqlsel.config import QuerySet, SelectionConfig, compile_statement, loads
from sqlsel.errors import ConfigError

SEED = Path(__file__).parents[2] / "examples" / "seed"
PLACEHOLDERS = ("DATASET_ID_OF_THE_QUERY_IMAGES", "TAG_NAME_OF_THE_QUERY_IMAGES")
DIVERSITY = 'DIVERSITY("embedding")'
SHARP = 'THRESHOLD("lightly"."sharpness" > 20 AND NOT isnan("lightly"."sharpness"))'


def weights(task):
    return f'WEIGHTS("{task}"."uncertainty_entropy")'


PRINTED = {
    "visual_diversity": [DIVERSITY],
    "active_learning": [weights("my_object_detection_task")],
    "active_learning_classification": None,  # the data of this test has no score of it: computed
    "active_learning_segmentation": ['WEIGHTS("my_segmentation_task.uncertainty_entropy")'],
    "visual_diversity_and_active_learning": [DIVERSITY, weights("my_object_detection_task")],
    "metadata_thresholding": [SHARP],
    "object_balancing": [
        (
            """BALANCE("lightly_pretagging"."class_distribution", MAP {'car': 0.1, 'bicycle': 0.5, 'bus': 0.1, 'motorcycle': 0.1,"""
            """ 'person': 0.1, 'train': 0.05, 'truck': 0.05})"""
        )
    ],
    "metadata_balancing": [
        """BALANCE("weather"."description", MAP {'sunny': 0.2, 'cloudy': 0.4})"""
    ],
    "similarity_search": [
        f"""SIMILARITY("embedding", query := (SELECT "embedding" FROM queries WHERE "{PLACEHOLDERS[1]}"))"""
    ],
}
ADAPTED = {
    "visual_diversity": [DIVERSITY],
    "active_learning": [weights("digit_classifier")],
    "active_learning_classification": [weights("digit_classifier")],
    "active_learning_segmentation": [weights("digit_classifier")],
    "visual_diversity_and_active_learning": [DIVERSITY, weights("digit_classifier")],
    "metadata_thresholding": [SHARP],
    "object_balancing": [
        (
            """BALANCE("digit_classifier"."class_distribution", MAP {'zero': 0.1, 'one': 0.5, 'two': 0.1, 'three': 0.1,"""
            """ 'four': 0.1, 'five': 0.05, 'six': 0.05})"""
        )
    ],
    "metadata_balancing": [
        """BALANCE("image"."half", MAP {'top-heavy': 0.2, 'bottom-heavy': 0.4})"""
    ],
    "similarity_search": [
        """SIMILARITY("embedding", query := (SELECT "embedding" FROM queries WHERE "is_query"))"""
    ],
}


def read(folder, name):
    path = SEED / folder / f"{name}.json"
    return SelectionConfig.from_dict(loads(path.read_text(encoding="utf-8"), path.name))


def compiled(config, types, queries):
    queries = {name: QuerySet("queries", columns(kinds)) for name, kinds in queries.items()}
    return compile_statement(
        config, source="data", columns=columns(types), key="sample_id", query_sets=queries
    )


def expected(items):
    lines = [*items, 'key := "sample_id"\nLIMIT 100']
    return "\nFROM data\nUSING STRATEGY " + ",\n               ".join(lines)


@pytest.mark.parametrize("name", PRINTED)
def test_lightly(name):
    queries = {PLACEHOLDERS[0]: {"embedding": "FLOAT[32]", PLACEHOLDERS[1]: "BOOLEAN"}}
    text = compiled(read("lightly", name), STREETS, queries)
    if PRINTED[name] is None:
        assert (
            'WEIGHTS(coalesce(list_transform(list_transform([CAST("my_classification_task"."probabilities" AS'
            in text
        )
    else:
        assert text.endswith(expected(PRINTED[name]))


@pytest.mark.parametrize("name", ADAPTED)
def test_on_the_digits(name):
    assert compiled(read("digits", name), DIGITS, {"digits": DIGITS}).endswith(
        expected(ADAPTED[name])
    )


def test_only_names_are_adapted():
    def bones(path):
        code = re.sub(r"#.*", "", path.read_text(encoding="utf-8"))
        code = re.sub(r",(?=\s*[}\]])", "", code)  # only the seed's own have commas there
        return re.sub(
            r'("(?:task|key|dataset_id|tag_name)": )"[^"]*"|"[a-z-]+"(: 0\.)', r"\1\2", code
        ).split()

    assert {path.name for path in SEED.glob("digits/*.json")} == {
        f"{name}.json" for name in ADAPTED
    }
    assert {path.name for path in SEED.glob("lightly/*.json")} == {
        f"{name}.json" for name in [*PRINTED, "skeleton"]
    }
    for path in SEED.glob("digits/*.json"):
        assert bones(path) == bones(SEED / "lightly" / path.name)


def test_the_skeleton_lacks_a_comma():
    with pytest.raises(ConfigError) as caught:
        read("lightly", "skeleton")
    assert str(caught.value) == "skeleton.json:3:5: expected ',' or '}'"


def test_the_mended_skeleton_has_two_budgets():
    text = (
        (SEED / "lightly" / "skeleton.json")
        .read_text(encoding="utf-8")
        .replace('"n_samples": 50', '"n_samples": 50,')
    )
    with pytest.raises(ConfigError) as caught:
        SelectionConfig.from_dict(loads(text, "skeleton.json"))
    assert str(caught.value) == "give exactly one of n_samples and proportion_samples, not both"
