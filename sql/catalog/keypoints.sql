-- Column of tasks with keypoints: mean uncertainty of their confidences (every third number of x, y, confidence), clipped to 0 … 1.
,
    mean_uncertainty(list_transform(objects, lambda o: list_transform(
        o.keypoints[3:len(o.keypoints):3],
        lambda c: CASE WHEN c < 0 THEN 0 WHEN c > 1 THEN 1 ELSE c END))) AS mean_uncertainty
