-- The macro sqlsel.{name} of a strategy without a file in sql/namespace: gives a struct that sqlsel.select_samples takes.
CREATE OR REPLACE MACRO sqlsel.{name}({parameters}) AS {{{fields}}};
COMMENT ON MACRO sqlsel.{name} IS {comment}
