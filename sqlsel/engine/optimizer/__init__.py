"""Exact greedy selection from shortlists: driver, partitions, and what passes between them."""
