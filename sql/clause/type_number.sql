-- The number of a column's type in the list {types} of types that Arrow does not distinguish, from 1; 0 for any other type.
coalesce(list_position({types}, typeof({n}_{column})), 0)
