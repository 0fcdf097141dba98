-- Probabilities of all classes from the score of one: the other classes share the rest evenly.
CREATE OR REPLACE TEMP MACRO estimated_probabilities(score DOUBLE, place BIGINT, classes BIGINT) AS
    CASE
        WHEN score < -1e-6 OR (score > 1.000001 AND NOT isnan(score))
            THEN error(concat('estimated_probabilities: a probability lies within [0, 1], got ', score))
        WHEN score IS NOT NULL AND place BETWEEN 1 AND classes
            THEN list_concat(
                list_resize([]::DOUBLE[], place - 1, (1 - score) / greatest(classes - 1, 1)),
                [score],
                list_resize([]::DOUBLE[], classes - place, (1 - score) / greatest(classes - 1, 1)))
    END;
COMMENT ON MACRO estimated_probabilities IS 'score at its place (the first is 1), (1 - score) / (classes - 1) elsewhere; NULL where the place is none of 1 to classes';
