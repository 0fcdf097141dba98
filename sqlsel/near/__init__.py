"""Distances between the vectors of a dataset: near-duplicates, and the nearest neighbours of a query."""

from sqlsel.near.duplicates import NearDuplicates, find_duplicates
from sqlsel.near.embedded import Embedded, embedded_in, embedded_in_file
from sqlsel.near.order import highest_first, highest_first_of_file
from sqlsel.near.similar import Similar, find_similar
from sqlsel.near.similar_to import Queries, queries_of

__all__ = [
    "Embedded",
    "NearDuplicates",
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
