-- A view with one row per object of a task, as a sample with id image#number; columns of its image are repeated.
CREATE OR REPLACE VIEW {d}.{objects} AS
SELECT
    c.sample_id || '#' || c.sqlsel_number AS sample_id,
    c.sample_id AS parent_id,
    c.sqlsel_number AS object,
    list_filter(t.categories, lambda sqlsel_category: (sqlsel_category).id = c.sqlsel_one.category_id)[1].name AS category,
    c.sqlsel_one.score AS score,
    {bbox}{{
        'objects': [c.sqlsel_one],{vectors}
        'probabilities': c.sqlsel_one.probabilities,
        'class_distribution': c.sqlsel_one.probabilities,
        'uncertainty_least_confidence': c.sqlsel_one.uncertainty_least_confidence,
        'uncertainty_margin': c.sqlsel_one.uncertainty_margin,
        'uncertainty_entropy': c.sqlsel_one.uncertainty_entropy,
        'objectness_least_confidence': 1 - c.sqlsel_one.score}} AS {task},
    {embedding}{measured}c.* EXCLUDE ({hidden})
FROM (
    SELECT *, generate_subscripts({task}.objects, 1) AS sqlsel_number, unnest({task}.objects) AS sqlsel_one
    FROM {d}.catalog) AS c
CROSS JOIN (SELECT categories FROM {d}.tasks WHERE name = {name}) AS t{joined}
