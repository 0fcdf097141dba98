-- How many rows of {relation} have a probability outside [0, 1] in the lists {probabilities}, and one of these numbers.
SELECT count(*), any_value(CASE WHEN least < -1e-6 THEN least ELSE most END)
FROM (
    SELECT list_min({probabilities}::DOUBLE[]) AS least, list_max({probabilities}::DOUBLE[]) AS most
    FROM {relation})
WHERE least < -1e-6 OR (most > 1.000001 AND NOT isnan(most))
