-- One row per object of which {made} (path, crops) holds a crop; its box in pixels of the image (bbox) and of the crop (own_bbox).
CREATE OR REPLACE TEMP TABLE sqlsel_crops AS
WITH one AS (
    SELECT
        s.sample_id AS parent_id,
        s.file_name AS path,
        generate_subscripts(q.objects, 1) AS object,
        unnest(q.objects) AS found
    FROM {d}.{predictions} AS q
    JOIN {d}.samples AS s USING (sample_id)),
cut AS (
    SELECT
        one.*,
        m.crops[object] AS crop,
        floor(greatest(0, found.bbox[1] - found.bbox[3] * {padding} / 2) + 1e-3) AS left_edge,
        floor(greatest(0, found.bbox[2] - found.bbox[4] * {padding} / 2) + 1e-3) AS upper_edge
    FROM one
    JOIN {made} AS m USING (path))
SELECT
    parent_id || '#' || object AS sample_id,
    parent_id,
    object,
    list_filter(t.categories, lambda sqlsel_one: (sqlsel_one).id = found.category_id)[1].name AS category,
    found.score AS score,
    found.category_id AS category_id,
    found.probabilities AS probabilities,
    {{'x': found.bbox[1], 'y': found.bbox[2], 'w': found.bbox[3], 'h': found.bbox[4]}} AS bbox,
    [
        greatest(found.bbox[1] - left_edge, 0),
        greatest(found.bbox[2] - upper_edge, 0),
        least(found.bbox[1] + found.bbox[3] - left_edge, crop.lightly.width) - greatest(found.bbox[1] - left_edge, 0),
        least(found.bbox[2] + found.bbox[4] - upper_edge, crop.lightly.height) - greatest(found.bbox[2] - upper_edge, 0)
    ]::DOUBLE[] AS own_bbox,
    crop.file_name AS file_name,
    crop.lightly AS lightly,
    crop.embedding AS embedding,
    crop.reason AS reason
FROM cut
CROSS JOIN (SELECT categories FROM {d}.tasks WHERE name = {task}) AS t
ORDER BY parent_id ASC, object ASC
