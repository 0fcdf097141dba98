-- DEDUPLICATE for sqlsel.select_samples: no two samples closer than min_distance.
CREATE OR REPLACE MACRO sqlsel.deduplicate(input VARCHAR, min_distance DOUBLE, normalize BOOLEAN := NULL) AS
    {'strategy': 'DEDUPLICATE', 'input': input, 'min_distance': min_distance, 'normalize': normalize};
COMMENT ON MACRO sqlsel.deduplicate IS 'Strategy DEDUPLICATE for sqlsel.select_samples: no two samples closer than min_distance, as in sqlsel.deduplicate(''embedding'', 0.1)';
