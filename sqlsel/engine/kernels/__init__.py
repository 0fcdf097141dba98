"""The hot loops over plain arrays; float32 products are filters, float64 expressions of a fixed order decide."""
