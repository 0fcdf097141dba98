-- Least confidence: how much the best class lacks of certainty. 1 = all classes alike, 0 = certain.
CREATE OR REPLACE TEMP MACRO uncertainty_least_confidence(probabilities DOUBLE[]) AS
    CASE
        WHEN list_min(probabilities) < -1e-6 OR (list_max(probabilities) > 1.000001 AND NOT isnan(list_max(probabilities)))
            THEN error(concat('uncertainty_least_confidence: a probability lies within [0, 1], got ',
                CASE WHEN list_min(probabilities) < -1e-6 THEN list_min(probabilities) ELSE list_max(probabilities) END))
        WHEN len(probabilities) = 0 THEN 0
        WHEN len(probabilities) = 1 THEN 1 - abs(2 * probabilities[1] - 1)
        WHEN len(probabilities) = list_count(probabilities)
            THEN (1 - list_max(probabilities)) / (1 - 1.0 / len(probabilities))
    END;
COMMENT ON MACRO uncertainty_least_confidence IS '(1 - best probability) / (1 - 1 / number of classes), 0 to 1. [p] means [p, 1 - p], [] gives 0, a NULL in the list NULL';
