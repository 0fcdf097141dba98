-- Feeds the groups of all rows of the block, also of those that the thresholds drop: a share counts them.
,
{n}_a AS MATERIALIZED (
    SELECT count(i) AS n
    FROM (
        SELECT sqlsel_feed((SELECT t FROM {n}_t), -1, row_number() OVER (), struct_pack(v := {key})) AS i
        FROM {n}_b))
