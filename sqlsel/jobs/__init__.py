"""A configuration meets its data: which columns, which pool, which statement, and what is recorded of a run."""
