"""Choosing: strategies, their objectives, the optimizer, and what they compute with. NumPy and hnswlib only."""
