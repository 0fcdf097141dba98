-- WEIGHTS for sqlsel.select_samples: samples with a high number.
CREATE OR REPLACE MACRO sqlsel.weights(input VARCHAR, strength DOUBLE := NULL, max_sum DOUBLE := NULL, target_range DOUBLE[] := NULL) AS
    {'strategy': 'WEIGHTS', 'input': input, 'strength': strength, 'max_sum': max_sum, 'target_range': target_range};
COMMENT ON MACRO sqlsel.weights IS 'Strategy WEIGHTS for sqlsel.select_samples: samples with a high number, as in sqlsel.weights(''score'')';
