-- THRESHOLD for sqlsel.select_samples: only samples for which a condition holds.
CREATE OR REPLACE MACRO sqlsel.threshold(input VARCHAR) AS
    {'strategy': 'THRESHOLD', 'input': input};
COMMENT ON MACRO sqlsel.threshold IS 'Strategy THRESHOLD for sqlsel.select_samples: only samples for which a condition holds, as in sqlsel.threshold(''sharpness > 20'')';
