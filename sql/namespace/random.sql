-- RANDOM for sqlsel.select_samples: samples at random, by a hash of seed and key.
CREATE OR REPLACE MACRO sqlsel.random(seed BIGINT := NULL, strength DOUBLE := NULL) AS
    {'strategy': 'RANDOM', 'seed': seed, 'strength': strength};
COMMENT ON MACRO sqlsel.random IS 'Strategy RANDOM for sqlsel.select_samples: samples at random, by a hash of seed and key, as in sqlsel.random(seed := 7)';
