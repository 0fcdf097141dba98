-- Feeds the groups of all rows of the block, also of those that thresholds exclude: a percentage is one of these rows.
,
{n}_a AS MATERIALIZED (
    SELECT count(i) AS n
    FROM (
        SELECT sqlsel_feed((SELECT t FROM {n}_t), -1, row_number() OVER (), struct_pack(v := {key})) AS i
        FROM {n}_b))
