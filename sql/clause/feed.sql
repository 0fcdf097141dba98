-- Feeds the block's rows to the engine: {hidden} leaves out the inputs, {fields} the struct that carries them.
,
{n}_s AS MATERIALIZED (
    SELECT *{hidden},
        sqlsel_feed((SELECT t FROM {n}_t), 0, {number}, struct_pack({fields})) AS {n}_i
    FROM ({body}))
