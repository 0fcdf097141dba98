"""Imports folders and files, read by ``readers/``, into a dataset of the catalogue."""

from sqlsel.catalog.imports.folder_import import import_folder
from sqlsel.catalog.imports.steps import Imported
from sqlsel.catalog.imports.table_import import import_task, import_tasks, import_vectors

__all__ = ["Imported", "import_folder", "import_task", "import_tasks", "import_vectors"]
