-- One row per {length} consecutive frames of a video or folder; {parts}: the expressions that aggregate the frames' values.
-- Files of a folder are in natural order, frame_2 before frame_10: digits are padded with zeros to 30 before they are compared.
(SELECT
    min_by(sample_id, sqlsel_at) AS sample_id,
    sequence_id,
    list(sample_id ORDER BY sqlsel_at ASC) AS frames,
    min(frame) AS frame,
    {parts}
FROM (
    SELECT * EXCLUDE (sqlsel_natural), row_number() OVER (
        PARTITION BY sequence_id ORDER BY frame ASC NULLS LAST, sqlsel_natural ASC, encode(file_name) ASC) - 1 AS sqlsel_at
    FROM (
        SELECT
            * REPLACE (coalesce(sequence_id, regexp_extract(file_name, '^(.*)/', 1)) AS sequence_id),
            encode(array_to_string(list_transform(
                regexp_extract_all(file_name, '[0-9]+|[^0-9]+'),
                lambda part: if(regexp_matches(part, '^[0-9]'), lpad(part, greatest(length(part), 30)::INTEGER, '0'), part)
            ), '')) AS sqlsel_natural
        FROM {relation}))
GROUP BY sequence_id, sqlsel_at // {length}
HAVING count(*) = {length})
