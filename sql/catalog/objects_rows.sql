-- One row per object of a task, for export to a file.
SELECT
    sample_id,
    number AS object,
    list_filter(categories, lambda sqlsel_one: (sqlsel_one).id = one.category_id)[1].name AS category,
    one.score AS score,
    {bbox}one.probabilities AS probabilities
FROM (
    SELECT sample_id, generate_subscripts(objects, 1) AS number, unnest(objects) AS one
    FROM {d}.{predictions})
CROSS JOIN (SELECT categories FROM {d}.tasks WHERE name = {task})
ORDER BY encode(sample_id) ASC, number ASC
