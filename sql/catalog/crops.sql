-- One row per object of which {made} (path, crops) holds a crop; the box is told in the picture's own pixels as well.
CREATE OR REPLACE TEMP TABLE sqlsel_crops AS
SELECT
    p.sample_id || '#' || n AS sample_id,
    p.sample_id AS parent_id,
    n AS object,
    list_filter(t.categories, lambda sqlsel_one: (sqlsel_one).id = p.objects[n].category_id)[1].name AS category,
    p.objects[n].score AS score,
    p.objects[n].category_id AS category_id,
    p.objects[n].probabilities AS probabilities,
    {{'x': p.objects[n].bbox[1], 'y': p.objects[n].bbox[2], 'w': p.objects[n].bbox[3], 'h': p.objects[n].bbox[4]}} AS bbox,
    [
        p.objects[n].bbox[1] - floor(greatest(0, p.objects[n].bbox[1] - p.objects[n].bbox[3] * {padding} / 2) + 1e-3),
        p.objects[n].bbox[2] - floor(greatest(0, p.objects[n].bbox[2] - p.objects[n].bbox[4] * {padding} / 2) + 1e-3),
        p.objects[n].bbox[3],
        p.objects[n].bbox[4]]::DOUBLE[] AS own_bbox,
    m.crops[n].file_name AS file_name,
    m.crops[n].lightly AS lightly,
    m.crops[n].embedding AS embedding,
    m.crops[n].reason AS reason
FROM (
    SELECT s.sample_id, s.file_name, q.objects, unnest(range(1, len(q.objects) + 1)) AS n
    FROM {d}.{predictions} AS q
    JOIN {d}.samples AS s USING (sample_id)) AS p
JOIN {made} AS m ON m.path = p.file_name
CROSS JOIN (SELECT categories FROM {d}.tasks WHERE name = {task}) AS t
ORDER BY p.sample_id, n
