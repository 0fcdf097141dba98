"""The seam between tables and arrays: begin, feed, finish of one run inside one SQL statement."""

from sqlsel.feed.functions import begin, feed, finish
from sqlsel.feed.limits import budget_of
from sqlsel.feed.log import LOG_TYPE
from sqlsel.feed.registry import REGISTRY
from sqlsel.feed.watch import Facts, Watch

__all__ = ["LOG_TYPE", "REGISTRY", "Facts", "Watch", "begin", "budget_of", "feed", "finish"]
