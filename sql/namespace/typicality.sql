-- TYPICALITY for sqlsel.select_samples: samples in the dense parts of the data.
CREATE OR REPLACE MACRO sqlsel.typicality(input VARCHAR, neighbors BIGINT := NULL, strength DOUBLE := NULL, min_typicality DOUBLE := NULL, normalize BOOLEAN := NULL, approximate BOOLEAN := NULL) AS
    {'strategy': 'TYPICALITY', 'input': input, 'neighbors': neighbors, 'strength': strength, 'min_typicality': min_typicality, 'normalize': normalize, 'approximate': approximate};
COMMENT ON MACRO sqlsel.typicality IS 'Strategy TYPICALITY for sqlsel.select_samples: samples in the dense parts of the data, as in sqlsel.typicality(''embedding'')';
