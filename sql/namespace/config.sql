-- Runs a selection configuration in Lightly's JSON on a table or file.
CREATE OR REPLACE MACRO sqlsel.config(
    source VARCHAR, configuration VARCHAR, id VARCHAR := NULL, embedding VARCHAR := NULL, datasets := NULL,
    preselected VARCHAR := NULL, n_counts VARCHAR := NULL, seed BIGINT := NULL
) AS TABLE
    FROM query(sqlsel_compiled(
        source,
        configuration,
        to_json({
            'id': id, 'embedding': embedding, 'datasets': datasets, 'preselected': preselected,
            'n_counts': n_counts, 'seed': seed, 'search_path': current_setting('search_path')
        })::VARCHAR));
COMMENT ON MACRO TABLE sqlsel.config IS 'Runs a selection configuration in Lightly''s JSON: FROM sqlsel.config(''images'', ''{"n_samples": 50, "strategies": […]}'')';
