"""Data that people have, as Arrow tables: folders, predictions, metadata, embeddings, tags.

Nothing here knows a database. What cannot be used is left out and told of in the ``Report``.
"""

from sqlsel.readers.model import Category, Task
from sqlsel.readers.report import Report, Skipped

__all__ = ["Category", "Report", "Skipped", "Task"]
