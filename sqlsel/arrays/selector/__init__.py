"""Selection in the manner of scikit-learn."""

from sqlsel.arrays.selector.sample_selector import SampleSelector
from sqlsel.arrays.selector.scikit_learn import NotFitted

__all__ = ["NotFitted", "SampleSelector"]
