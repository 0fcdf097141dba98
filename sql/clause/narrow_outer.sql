-- Reads the picked rows from the source again, in pick order.
SELECT * EXCLUDE ({n}_o){rename}
FROM (
    SELECT s.* EXCLUDE ({places}){replace}, p.{n}_o
    FROM ({body}) AS s
    JOIN (
        SELECT * EXCLUDE (i, place), place AS {n}_o
        FROM {n}_p
        JOIN {n}_s ON {n}_i = i) AS p ON {same})
ORDER BY {n}_o ASC)
