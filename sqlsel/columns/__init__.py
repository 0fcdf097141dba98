"""Reads Arrow columns, whose batches may arrive in any order, into NumPy arrays."""
