"""SQL as text: the files of sql/, quoting, and the values and names that a result has."""
