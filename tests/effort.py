"""How many random cases the tests try: a fifth in ``make quick``, fifty times as many in ``.ci/nightly``.

``HYPOTHESIS_PROFILE`` says which; conftest.py makes hypothesis obey it too.
"""

from __future__ import annotations

import os

SHARES = {"quick": 0.2, "nightly": 50.0}
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "")


def cases(usual: int) -> int:
    """The number of cases, of which the default run tries ``usual``; at least one."""
    return max(1, round(usual * SHARES.get(PROFILE, 1.0)))
