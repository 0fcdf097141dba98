-- Margin of a sample's objects: that of the most uncertain one. 0 = no object, or certain of all.
CREATE OR REPLACE TEMP MACRO max_uncertainty_margin(objects DOUBLE[][]) AS
    coalesce(
        list_max(list_transform(objects, lambda p: CASE
            WHEN len(p) = 0 THEN 0
            WHEN len(p) = 1 THEN 1 - abs(2 * p[1] - 1)
            WHEN len(p) = list_count(p)
                THEN 1 - list_reduce(list_aggregate(p, 'max', 2), lambda best, second: best - second)
        END)),
        CASE WHEN list_count(objects) = 0 THEN 0 END);
COMMENT ON MACRO max_uncertainty_margin IS 'The highest uncertainty_margin of a list of probability lists, one per object; 0 without objects';
