"""Numerical loops over plain arrays: float32 matrix products find candidates, float64 in a fixed order decides."""
