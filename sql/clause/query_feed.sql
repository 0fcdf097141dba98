-- Feeds the query vectors of the strategy in slot {slot}.
,
{n}_q{slot} AS MATERIALIZED (
    SELECT count(i) AS n
    FROM (
        SELECT sqlsel_feed((SELECT t FROM {n}_t), {slot}, row_number() OVER (), struct_pack(v := {n}_v)) AS i
        FROM {body} AS {n}_v))
