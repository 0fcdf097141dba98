-- The macro sqlsel.{name} of a strategy that has no file in sql/namespace; sqlsel.select_samples takes what it gives.
CREATE OR REPLACE MACRO sqlsel.{name}({parameters}) AS {{{fields}}};
COMMENT ON MACRO sqlsel.{name} IS {comment}
