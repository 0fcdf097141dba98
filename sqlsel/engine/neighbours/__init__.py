"""Who is near to whom among many vectors: exactly, or through a graph that may be kept on disk."""
