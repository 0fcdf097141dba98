-- Feeds the block's rows to the engine; {fields}: the struct of their inputs, {hidden}: excludes the input columns from the result.
,
{n}_s AS MATERIALIZED (
    SELECT *{hidden},
        sqlsel_feed((SELECT t FROM {n}_t), 0, {number}, struct_pack({fields})) AS {n}_i
    FROM ({body}))
