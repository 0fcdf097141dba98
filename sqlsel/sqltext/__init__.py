"""SQL as text: the files of sql/, quoting, result column names, conversion of result values."""
