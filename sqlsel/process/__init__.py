"""The process around a selection: Ctrl-C in any thread, atomic writing of files, the progress line, work in threads."""
