-- The last 100 selections of this connection, the latest first.
CREATE OR REPLACE TEMP MACRO sqlsel_runs() AS TABLE
    SELECT unnest(sqlsel_run_log(current_connection_id()::BIGINT), recursive := true);
COMMENT ON MACRO TABLE sqlsel_runs IS 'The last 100 selections of this connection, the latest first: what was asked, what came, and why not more';
