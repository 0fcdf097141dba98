-- New predictions with the scores of each object; {raw} holds sample_id and objects, {fields} the other fields of an object.
CREATE OR REPLACE TEMP TABLE {scored} AS
SELECT
    sample_id,
    list_transform(objects, lambda o: {{
        {fields},
        'uncertainty_least_confidence': uncertainty_least_confidence(o.probabilities),
        'uncertainty_margin': uncertainty_margin(o.probabilities),
        'uncertainty_entropy': uncertainty_entropy(o.probabilities)}}) AS objects
FROM {raw}
