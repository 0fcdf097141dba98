-- Objectness: how little a detector trusts its boxes. 1 = not at all, 0 = fully, or no box.
CREATE OR REPLACE TEMP MACRO objectness_least_confidence(scores DOUBLE[]) AS
    CASE
        WHEN list_min(scores) < -1e-6 OR (list_max(scores) > 1.000001 AND NOT isnan(list_max(scores)))
            THEN error(concat('objectness_least_confidence: a probability lies within [0, 1], got ',
                CASE WHEN list_min(scores) < -1e-6 THEN list_min(scores) ELSE list_max(scores) END))
        WHEN list_count(scores) = 0 THEN 0
        ELSE 1 - list_avg(scores)
    END;
COMMENT ON MACRO objectness_least_confidence IS '1 - mean score of the objects of a sample; 0 without objects, NULL scores are left out';
