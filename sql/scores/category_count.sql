-- How many of a sample's objects are of the wanted categories.
CREATE OR REPLACE TEMP MACRO category_count(categories, wanted) AS
    CASE
        WHEN wanted IS NOT NULL
            THEN list_transform(
                [{'found': categories, 'wanted': wanted}],
                lambda given: len(list_filter(
                    given.found,
                    lambda category: list_contains(given.wanted, category))))[1]
    END;
COMMENT ON MACRO category_count IS 'Number of objects whose category is in the list of wanted ones; both lists of one type, whichever it is';
