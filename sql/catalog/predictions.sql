-- The predictions of a task for every sample: {given} holds sample_id and scored objects; a sample that it lacks has {absent}.
-- NULL: the objects are not known, nor what follows from them. Without objects a sample is certain.
WITH given AS (
    SELECT s.sample_id, CASE WHEN g.sample_id IS NULL THEN {absent} ELSE g.objects END AS objects
    FROM {d}.samples AS s
    LEFT JOIN {given} AS g USING (sample_id)),
counted AS (
    SELECT *, object_frequency_unscaled(list_transform(objects, lambda o: o.category_id)) AS frequency
    FROM given),
span AS (SELECT min(frequency) AS low, max(frequency) AS high FROM counted)
SELECT
    sample_id,
    objects,
    CASE WHEN objects IS NOT NULL THEN coalesce(
        class_distribution(list_transform(objects, lambda o: o.probabilities)),
        list_resize([]::DOUBLE[], {classes}, 0.0)) END AS class_distribution,
    CASE WHEN objects IS NOT NULL THEN coalesce(
        list_max(list_transform(objects, lambda o: o.uncertainty_least_confidence)), 0.0) END AS uncertainty_least_confidence,
    CASE WHEN objects IS NOT NULL THEN coalesce(
        list_max(list_transform(objects, lambda o: o.uncertainty_margin)), 0.0) END AS uncertainty_margin,
    CASE WHEN objects IS NOT NULL THEN coalesce(
        list_max(list_transform(objects, lambda o: o.uncertainty_entropy)), 0.0) END AS uncertainty_entropy{more}
FROM counted, span
ORDER BY sample_id ASC
