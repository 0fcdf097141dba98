"""What comes out of a scan: rows in any order, as Arrow arrays, into arrays of NumPy."""
