-- Mean of vectors, place by place, as in mean_vector(list(embedding)) for a sequence of frames.
CREATE OR REPLACE TEMP MACRO mean_vector(vectors DOUBLE[][]) AS
    list_transform(
        [list_filter(vectors, lambda vector: vector IS NOT NULL)],
        lambda known: list_transform(
            range(1, list_max(list_transform(known, lambda vector: len(vector))) + 1),
            lambda place: list_avg(list_transform(
                known,
                lambda vector: coalesce(vector[place], 'NaN'::DOUBLE)))))[1]::FLOAT[];
COMMENT ON MACRO mean_vector IS 'Mean of a list of vectors, place by place; NULL without vectors, NaN where a vector has no number';
