-- Feeds the block's rows to the engine: {hidden} are the inputs, {fields} the struct that carries them.
,
{n}_s AS MATERIALIZED (
    SELECT * EXCLUDE ({hidden}),
        sqlsel_feed((SELECT t FROM {n}_t), 0, row_number() OVER (), struct_pack({fields})) AS {n}_i
    FROM ({body}))
