"""Selection on arrays: strategies, their objectives, the optimizer, numerical kernels. NumPy and hnswlib only."""
