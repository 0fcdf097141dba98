-- The predictions of a task for every sample: {given} holds sample_id and scored objects; a sample without has none.
WITH given AS (
    SELECT s.sample_id, coalesce(g.objects, []) AS objects
    FROM {d}.samples AS s
    LEFT JOIN {given} AS g USING (sample_id)),
counted AS (
    SELECT *, object_frequency_unscaled(list_transform(objects, lambda o: o.category_id)) AS frequency
    FROM given),
span AS (SELECT min(frequency) AS low, max(frequency) AS high FROM counted)
SELECT
    sample_id,
    objects,
    coalesce(
        class_distribution(list_transform(objects, lambda o: o.probabilities)),
        list_resize([]::DOUBLE[], {classes}, 0.0)) AS class_distribution,
    coalesce(list_max(list_transform(objects, lambda o: o.uncertainty_least_confidence)), 0.0) AS uncertainty_least_confidence,
    coalesce(list_max(list_transform(objects, lambda o: o.uncertainty_margin)), 0.0) AS uncertainty_margin,
    coalesce(list_max(list_transform(objects, lambda o: o.uncertainty_entropy)), 0.0) AS uncertainty_entropy{more}
FROM counted, span
ORDER BY sample_id ASC
