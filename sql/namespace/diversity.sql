-- DIVERSITY for sqlsel.select_samples: samples that differ from each other as much as possible.
CREATE OR REPLACE MACRO sqlsel.diversity(input VARCHAR, min_distance DOUBLE := NULL, strength DOUBLE := NULL, normalize BOOLEAN := NULL, start := NULL) AS
    {'strategy': 'DIVERSITY', 'input': input, 'min_distance': min_distance, 'strength': strength, 'normalize': normalize, 'start': start};
COMMENT ON MACRO sqlsel.diversity IS 'Strategy DIVERSITY for sqlsel.select_samples: samples that differ from each other as much as possible, as in sqlsel.diversity(''embedding'')';
