-- Runs a statement that may hold USING STRATEGY.
CREATE OR REPLACE MACRO sqlsel.sql(statement VARCHAR) AS TABLE
    FROM query(sqlsel_rewrite(statement));
COMMENT ON MACRO TABLE sqlsel.sql IS 'Runs a SELECT that may hold USING STRATEGY, given as text: FROM sqlsel.sql($$ SELECT … USING STRATEGY DIVERSITY(embedding) LIMIT 10 $$)';
