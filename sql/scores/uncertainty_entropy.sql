-- Entropy: how evenly the probability is spread over all classes. 1 = all classes alike, 0 = certain.
CREATE OR REPLACE TEMP MACRO uncertainty_entropy(probabilities DOUBLE[]) AS
    CASE
        WHEN list_min(probabilities) < -1e-6 OR (list_max(probabilities) > 1.000001 AND NOT isnan(list_max(probabilities)))
            THEN error(concat('uncertainty_entropy: a probability lies within [0, 1], got ',
                CASE WHEN list_min(probabilities) < -1e-6 THEN list_min(probabilities) ELSE list_max(probabilities) END))
        WHEN len(probabilities) = 0 THEN 0
        WHEN len(probabilities) = list_count(probabilities)
            THEN list_sum(list_transform(
                CASE
                    WHEN len(probabilities) = 1 THEN [probabilities[1], 1 - probabilities[1]]
                    ELSE probabilities
                END,
                lambda p: CASE WHEN p > 0 THEN -p * log2(p) ELSE 0 END)) / log2(greatest(len(probabilities), 2))
    END;
COMMENT ON MACRO uncertainty_entropy IS 'sum of -p log2 p over the classes / log2(number of classes), 0 to 1. [p] means [p, 1 - p], [] gives 0, a NULL in the list NULL';
