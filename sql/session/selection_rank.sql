-- Outside of a USING STRATEGY block selection_rank() has no meaning, and says so.
CREATE OR REPLACE TEMP MACRO selection_rank() AS
    error('selection_rank() belongs in the SELECT list of a USING STRATEGY block');
COMMENT ON MACRO selection_rank IS 'In the SELECT list of a USING STRATEGY block: the rank of a pick, from 1';
