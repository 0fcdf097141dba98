-- BALANCE for sqlsel.select_samples: class shares close to a target: 'uniform', 'input' or class to share.
CREATE OR REPLACE MACRO sqlsel.balance(input VARCHAR, target := NULL, strength DOUBLE := NULL, other VARCHAR := NULL, classes := NULL) AS
    {'strategy': 'BALANCE', 'input': input, 'target': target, 'strength': strength, 'other': other, 'classes': classes};
COMMENT ON MACRO sqlsel.balance IS 'Strategy BALANCE for sqlsel.select_samples: class shares close to a target: ''uniform'', ''input'' or class to share, as in sqlsel.balance(''weather'', {''sunny'': 0.2})';
