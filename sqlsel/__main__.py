"""``python -m sqlsel``."""

import os

from sqlsel.cli import main, stopping

try:
    main()
except SystemExit as end:
    # Where Ctrl-C came while an extension ran a text of Python, as some do when they are imported,
    # ``python -m`` would kill itself with SIGINT in the end, although the interrupt was caught.
    if end.code == stopping.INTERRUPTED:
        os._exit(stopping.INTERRUPTED)
    raise
