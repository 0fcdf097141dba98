"""Data that people have, as Arrow tables: folders, predictions, metadata, embeddings, tags.

Nothing here knows a database. What cannot be used is left out and told of in the ``Report``.
"""

from sqlsel.readers.import_report import Report, Skipped
from sqlsel.readers.read_model import Category, Task

__all__ = ["Category", "Report", "Skipped", "Task"]
