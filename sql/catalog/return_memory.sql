-- Gives freed memory back to the system in pieces of 32 MB (usually 512 MB): of 1,000,000 × 128 from Parquet, a third of the matrix.
SET allocator_bulk_deallocation_flush_threshold = '32MB'
