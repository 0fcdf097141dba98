-- Selects samples of a table or file by strategies that are given as calls.
CREATE OR REPLACE MACRO sqlsel.select_samples(
    source VARCHAR, strategies, n_samples := NULL, proportion_samples := NULL, key := NULL, preselected := NULL,
    "by" := NULL, seed := NULL, on_invalid := NULL, n_counts := NULL
) AS TABLE
    FROM query(sqlsel_statement(
        source,
        to_json(strategies)::VARCHAR,
        to_json({
            'n_samples': n_samples, 'proportion_samples': proportion_samples, 'key': key, 'preselected': preselected,
            'by': "by", 'seed': seed, 'on_invalid': on_invalid, 'n_counts': n_counts
        })::VARCHAR));
COMMENT ON MACRO TABLE sqlsel.select_samples IS 'Selects samples of a table or file: FROM sqlsel.select_samples(''images'', (sqlsel.diversity(''embedding''), sqlsel.weights(''score'')), n_samples := 50)';
