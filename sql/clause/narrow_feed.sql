-- Feeds the block's rows to the engine; stores only the columns that identify them in the source ({places}).
,
{n}_s AS MATERIALIZED (
    SELECT {places},
        sqlsel_feed((SELECT t FROM {n}_t), 0, {number}, struct_pack({fields})) AS {n}_i
    FROM ({body}))
