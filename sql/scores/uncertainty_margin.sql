-- Margin: how close the runner-up class comes to the best one. 1 = undecided, 0 = certain.
CREATE OR REPLACE TEMP MACRO uncertainty_margin(probabilities DOUBLE[]) AS
    CASE
        WHEN list_min(probabilities) < -1e-6 OR (list_max(probabilities) > 1.000001 AND NOT isnan(list_max(probabilities)))
            THEN error(concat('uncertainty_margin: a probability lies within [0, 1], got ',
                CASE WHEN list_min(probabilities) < -1e-6 THEN list_min(probabilities) ELSE list_max(probabilities) END))
        WHEN len(probabilities) = 0 THEN 0
        WHEN len(probabilities) = 1 THEN 1 - abs(2 * probabilities[1] - 1)
        WHEN len(probabilities) = list_count(probabilities)
            THEN 1 - list_reduce(list_aggregate(probabilities, 'max', 2), lambda best, second: best - second)
    END;
COMMENT ON MACRO uncertainty_margin IS '1 - (best - second best probability), 0 to 1. [p] means [p, 1 - p], [] gives 0, a NULL in the list NULL';
