"""Exact greedy selection from shortlists: the driver, the partitions, and the messages between them."""
