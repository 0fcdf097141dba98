-- The sort key of a group (bytes, or a number), equal for equal groups and in their order; it exists for values of any type.
create_sort_key({n}_g, 'ASC NULLS LAST')
