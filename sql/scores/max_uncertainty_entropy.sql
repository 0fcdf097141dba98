-- Entropy of a sample's objects: that of the most uncertain one. 0 = no object, or certain of all.
CREATE OR REPLACE TEMP MACRO max_uncertainty_entropy(objects DOUBLE[][]) AS
    CASE
        WHEN list_min(flatten(objects)) < -1e-6 OR (list_max(flatten(objects)) > 1.000001 AND NOT isnan(list_max(flatten(objects))))
            THEN error(concat('max_uncertainty_entropy: a probability lies within [0, 1], got ',
                CASE WHEN list_min(flatten(objects)) < -1e-6 THEN list_min(flatten(objects)) ELSE list_max(flatten(objects)) END))
        ELSE coalesce(
            list_max(list_transform(objects, lambda p: CASE
                WHEN len(p) = 0 THEN 0
                WHEN len(p) = list_count(p)
                    THEN list_sum(list_transform(
                        CASE WHEN len(p) = 1 THEN [p[1], 1 - p[1]] ELSE p END,
                        lambda q: CASE WHEN q > 0 THEN -q * log2(q) ELSE 0 END)) / log2(greatest(len(p), 2))
            END)),
            CASE WHEN list_count(objects) = 0 THEN 0 END)
    END;
COMMENT ON MACRO max_uncertainty_entropy IS 'The highest uncertainty_entropy of a list of probability lists, one per object; 0 without objects';
