"""Nearest-neighbour search: exact, or through a graph (HNSW) that may be stored on disk."""
