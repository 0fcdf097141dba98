-- Mean uncertainty of keypoints: how little a pose model trusts its points. 0 = fully, or no pose.
CREATE OR REPLACE TEMP MACRO mean_uncertainty(keypoints DOUBLE[][]) AS
    CASE
        WHEN list_min(flatten(keypoints)) < -1e-6 OR (list_max(flatten(keypoints)) > 1.000001 AND NOT isnan(list_max(flatten(keypoints))))
            THEN error(concat('mean_uncertainty: a confidence lies within [0, 1], got ',
                CASE WHEN list_min(flatten(keypoints)) < -1e-6 THEN list_min(flatten(keypoints)) ELSE list_max(flatten(keypoints)) END))
        WHEN keypoints IS NOT NULL
            THEN 1 - coalesce(
                list_avg(list_transform(keypoints, lambda confidences: list_avg(confidences))),
                1)
    END;
COMMENT ON MACRO mean_uncertainty IS '1 - mean over the instances of the mean confidence of their keypoints; 0 without instances, NULLs are left out';
