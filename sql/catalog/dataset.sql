-- Creates a dataset: the tables that every dataset has. Embeddings and predictions get tables of their own.
CREATE SCHEMA {d};
CREATE TABLE {d}.samples (
    sample_id VARCHAR PRIMARY KEY,
    file_name VARCHAR NOT NULL,
    sequence_id VARCHAR,
    frame INTEGER,
    lightly STRUCT(
        sharpness DOUBLE, snr DOUBLE, sizeInBytes BIGINT, luminance DOUBLE, uniformRowRatio DOUBLE,
        width INTEGER, height INTEGER, shape INTEGER[],
        mean DOUBLE[], std DOUBLE[], sumOfValues DOUBLE[], sumOfSquares DOUBLE[]));
CREATE TABLE {d}.tasks (
    name VARCHAR PRIMARY KEY,
    type VARCHAR NOT NULL,
    categories STRUCT(id INTEGER, name VARCHAR)[] NOT NULL);
CREATE TABLE {d}.files (
    kind VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    size BIGINT,
    modified BIGINT,
    PRIMARY KEY (kind, path));
CREATE TABLE {d}.runs (
    run_id VARCHAR PRIMARY KEY,
    created TIMESTAMPTZ NOT NULL,
    statement VARCHAR NOT NULL,
    config VARCHAR,
    version VARCHAR NOT NULL,
    seed BIGINT,
    n_input BIGINT,
    n_candidates BIGINT,
    n_asked BIGINT,
    n_selected BIGINT,
    stopped_by VARCHAR,
    seconds DOUBLE,
    embedding VARCHAR,
    fulfilment STRUCT(strategy VARCHAR, asked VARCHAR, reached VARCHAR, best VARCHAR, why VARCHAR)[],
    notes VARCHAR[]);
CREATE TABLE {d}.tags (
    tag VARCHAR NOT NULL,
    sample_id VARCHAR NOT NULL,
    rank BIGINT,
    gain DOUBLE,
    run_id VARCHAR,
    PRIMARY KEY (tag, sample_id));
CREATE TABLE {d}.tag_names (
    tag VARCHAR PRIMARY KEY,
    parent VARCHAR,
    created TIMESTAMPTZ NOT NULL);
COMMENT ON TABLE {d}.samples IS 'one row per sample; metadata as columns, nested keys as STRUCT';
COMMENT ON TABLE {d}.tasks IS 'prediction tasks; class_distribution and probabilities follow the order of categories';
COMMENT ON TABLE {d}.files IS 'files that were read, so that a second import reads what has changed';
COMMENT ON TABLE {d}.runs IS 'selections that were stored';
COMMENT ON TABLE {d}.tags IS 'samples of each tag';
COMMENT ON TABLE {d}.tag_names IS 'tags, also those without samples';
