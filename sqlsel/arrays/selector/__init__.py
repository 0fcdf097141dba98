"""Selection in the manner of scikit-learn."""

from sqlsel.arrays.selector.sample_selector import NotFitted, SampleSelector

__all__ = ["NotFitted", "SampleSelector"]
