-- Marks a database as a catalogue; schema_version: the number of the last migration that was applied.
CREATE TABLE IF NOT EXISTS main.sqlsel_catalog (schema_version INTEGER NOT NULL);
COMMENT ON TABLE main.sqlsel_catalog IS 'sqlsel catalogue: each dataset is a schema with samples, embeddings, predictions, tags and runs';
