-- Which of the types that Arrow does not tell from others a column has, counted from 1; 0 for any other type.
coalesce(list_position({types}, typeof({n}_{column})), 0)
