"""``python -m sqlsel``."""

from sqlsel.cli import main

main()
