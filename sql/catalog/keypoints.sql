-- Further score of tasks with keypoints, each three numbers: x, y, confidence. What lies outside of 0 to 1 was told at the import.
,
    mean_uncertainty(list_transform(objects, lambda o: list_transform(
        o.keypoints[3:len(o.keypoints):3],
        lambda c: CASE WHEN c < 0 THEN 0 WHEN c > 1 THEN 1 ELSE c END))) AS mean_uncertainty
