-- The objects of a task as samples of their own; what belongs to the image stands beside them.
CREATE OR REPLACE VIEW {d}.{objects} AS
SELECT
    c.sample_id || '#' || c.number AS sample_id,
    c.sample_id AS parent_id,
    c.number AS object,
    list_filter(t.categories, lambda sqlsel_one: (sqlsel_one).id = c.one.category_id)[1].name AS category,
    c.one.score AS score,
    {bbox}{{
        'objects': [c.one],{vectors}
        'probabilities': c.one.probabilities,
        'class_distribution': c.one.probabilities,
        'uncertainty_least_confidence': c.one.uncertainty_least_confidence,
        'uncertainty_margin': c.one.uncertainty_margin,
        'uncertainty_entropy': c.one.uncertainty_entropy,
        'objectness_least_confidence': 1 - c.one.score}} AS {task},
    {embedding}{measured}c.* EXCLUDE ({hidden})
FROM (
    SELECT *, generate_subscripts({task}.objects, 1) AS number, unnest({task}.objects) AS one
    FROM {d}.catalog) AS c
CROSS JOIN (SELECT categories FROM {d}.tasks WHERE name = {name}) AS t{joined}
