"""The process around a selection: Ctrl-C, files that are written whole, the line of progress."""
