-- SIMILARITY for sqlsel.select_samples: samples near to the vectors of a query, a SELECT of one column as text.
CREATE OR REPLACE MACRO sqlsel.similarity(input VARCHAR, query, strength DOUBLE := NULL, normalize BOOLEAN := NULL, approximate BOOLEAN := NULL) AS
    {'strategy': 'SIMILARITY', 'input': input, 'query': query, 'strength': strength, 'normalize': normalize, 'approximate': approximate};
COMMENT ON MACRO sqlsel.similarity IS 'Strategy SIMILARITY for sqlsel.select_samples: samples near to the vectors of a query, a SELECT of one column as text, as in sqlsel.similarity(''embedding'', query := ''SELECT embedding FROM wanted'')';
