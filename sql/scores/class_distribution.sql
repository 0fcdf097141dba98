-- Class distribution of a sample's objects: the sum of their probabilities, class by class.
CREATE OR REPLACE TEMP MACRO class_distribution(objects DOUBLE[][]) AS
    list_transform(
        [list_filter(objects, lambda object: object IS NOT NULL)],
        lambda known: list_transform(
            range(1, list_max(list_transform(known, lambda object: len(object))) + 1),
            lambda class: list_sum(list_transform(
                known,
                lambda object: coalesce(object[class], 'NaN'::DOUBLE)))))[1];
COMMENT ON MACRO class_distribution IS 'Sum of a list of probability lists, class by class; NULL without objects, NaN where a list has no number';
