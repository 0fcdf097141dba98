-- Feeds the block's rows to the engine, and keeps their place in the source ({places}) only.
,
{n}_s AS MATERIALIZED (
    SELECT {places},
        sqlsel_feed((SELECT t FROM {n}_t), 0, {number}, struct_pack({fields})) AS {n}_i
    FROM ({body}))
