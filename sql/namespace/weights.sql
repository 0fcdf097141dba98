-- WEIGHTS for sqlsel.select_samples: samples with a high number.
CREATE OR REPLACE MACRO sqlsel.weights(input VARCHAR, strength DOUBLE := NULL) AS
    {'strategy': 'WEIGHTS', 'input': input, 'strength': strength};
COMMENT ON MACRO sqlsel.weights IS 'Strategy WEIGHTS for sqlsel.select_samples: samples with a high number, as in sqlsel.weights(''score'')';
