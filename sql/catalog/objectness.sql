-- Columns of tasks with objects: least confidence of their boxes, and how many objects there are, scaled to 0.9 … 1.
,
    objectness_least_confidence(list_transform(objects, lambda o: o.score)) AS objectness_least_confidence,
    CASE WHEN frequency IS NULL THEN NULL WHEN high = low THEN 1.0 ELSE 0.9 + 0.1 * (frequency - low) / (high - low) END AS object_frequency
