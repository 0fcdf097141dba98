-- Outside of a USING STRATEGY block selection_gain() has no meaning, and says so.
CREATE OR REPLACE TEMP MACRO selection_gain() AS
    error('selection_gain() belongs in the SELECT list of a USING STRATEGY block');
COMMENT ON MACRO selection_gain IS 'In the SELECT list of a USING STRATEGY block: what a pick brought';
