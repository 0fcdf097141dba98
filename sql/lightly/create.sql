-- The table of the client of scheduling scripts: per dataset the kind of its data, and its folder, and the folder that holds .lightly.
CREATE TABLE IF NOT EXISTS main.sqlsel_lightly (
    dataset VARCHAR PRIMARY KEY,
    type VARCHAR NOT NULL,
    input VARCHAR,
    lightly VARCHAR);
COMMENT ON TABLE main.sqlsel_lightly IS 'folders of datasets, set by sqlsel.lightly.ApiWorkflowClient'
