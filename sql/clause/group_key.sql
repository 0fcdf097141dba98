-- What stands for a group: bytes, or a number, in the order of the groups' values; any type has them.
create_sort_key({n}_g, 'ASC NULLS LAST')
