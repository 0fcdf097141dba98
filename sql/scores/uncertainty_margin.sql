-- Margin: how close the runner-up class comes to the best one. 1 = undecided, 0 = certain.
CREATE OR REPLACE TEMP MACRO uncertainty_margin(probabilities DOUBLE[]) AS
    CASE
        WHEN len(probabilities) = 0 THEN 0
        WHEN len(probabilities) = 1 THEN 1 - abs(2 * probabilities[1] - 1)
        WHEN len(probabilities) = list_count(probabilities)
            THEN 1 - list_reduce(list_aggregate(probabilities, 'max', 2), lambda best, second: best - second)
    END;
COMMENT ON MACRO uncertainty_margin IS '1 - (best - second best probability), 0 to 1. [p] means [p, 1 - p], [] gives 0, a NULL in the list NULL';
