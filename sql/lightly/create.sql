-- What the client of scheduling scripts keeps beside the datasets: the kind of data, and where it lies.
CREATE TABLE IF NOT EXISTS main.sqlsel_lightly (
    dataset VARCHAR PRIMARY KEY,
    type VARCHAR NOT NULL,
    input VARCHAR,
    lightly VARCHAR);
COMMENT ON TABLE main.sqlsel_lightly IS 'folders of datasets, set by sqlsel.lightly.ApiWorkflowClient'
