-- Joins the picks back to the block's rows, in pick order.
SELECT * EXCLUDE ({n}_o){rename}
FROM (
    SELECT s.* EXCLUDE ({n}_i){replace}, p.place AS {n}_o
    FROM {n}_p AS p
    JOIN {n}_s AS s ON s.{n}_i = p.i)
ORDER BY {n}_o ASC)
