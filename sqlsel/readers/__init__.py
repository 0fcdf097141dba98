"""Reads data that people have into Arrow tables: folders, predictions, metadata, embeddings, tags.

Nothing here uses a database. What cannot be used is left out and listed in the ``Report``.
"""

from sqlsel.readers.import_report import Report, Skipped
from sqlsel.readers.read_model import Category, Task

__all__ = ["Category", "Report", "Skipped", "Task"]
