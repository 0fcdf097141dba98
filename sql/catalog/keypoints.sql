-- Further score of tasks with keypoints, each three numbers: x, y, confidence.
,
    mean_uncertainty(list_transform(objects, lambda o: o.keypoints[3:len(o.keypoints):3])) AS mean_uncertainty
