-- Object frequency before scaling: classes count fully, further objects of a class a quarter.
CREATE OR REPLACE TEMP MACRO object_frequency_unscaled(categories) AS
    CAST(
        list_unique(categories) + 0.25 * (list_count(categories) - list_unique(categories))
        AS DOUBLE);
COMMENT ON MACRO object_frequency_unscaled IS 'Sum of 1 + 0.25 * (objects - 1) over the classes of a sample, from one category per object, of any type; 0 without objects';
