-- Runs of {length} frames of one video, or of one folder, as samples; {parts} makes one value of those of their frames.
(SELECT
    min_by(sample_id, sqlsel_at) AS sample_id,
    sequence_id,
    list(sample_id ORDER BY sqlsel_at ASC) AS frames,
    min(frame) AS frame,
    {parts}
FROM (
    SELECT *, row_number() OVER (PARTITION BY sequence_id ORDER BY frame ASC NULLS LAST, encode(file_name) ASC) - 1 AS sqlsel_at
    FROM (
        SELECT * REPLACE (coalesce(sequence_id, regexp_extract(file_name, '^(.*)/', 1)) AS sequence_id)
        FROM {relation}))
GROUP BY sequence_id, sqlsel_at // {length}
HAVING count(*) = {length})
