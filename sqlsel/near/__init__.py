"""What is near to what in a dataset: near-duplicates, and the samples most similar to a query."""

from sqlsel.near.duplicates import Found, find_duplicates
from sqlsel.near.embedded import Embedded, embedded_in, embedded_in_file
from sqlsel.near.order import highest_first, highest_first_of_file
from sqlsel.near.similar import Similar, find_similar
from sqlsel.near.similar_to import Queries, queries_of

__all__ = [
    "Embedded",
    "Found",
    "Queries",
    "Similar",
    "embedded_in",
    "embedded_in_file",
    "find_duplicates",
    "find_similar",
    "highest_first",
    "highest_first_of_file",
    "queries_of",
]
