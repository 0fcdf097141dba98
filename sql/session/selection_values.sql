-- Outside of a USING STRATEGY block selection_values() has no meaning, and says so.
CREATE OR REPLACE TEMP MACRO selection_values() AS
    error('selection_values() belongs in the SELECT list of a USING STRATEGY block');
COMMENT ON MACRO selection_values IS 'In the SELECT list of a USING STRATEGY block: one value per strategy and pick';
