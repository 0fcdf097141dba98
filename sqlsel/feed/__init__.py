"""The seam between SQL and the engine: the functions begin, feed and finish of a run inside one statement."""

from sqlsel.feed.functions import begin, feed, finish
from sqlsel.feed.limits import budget_of
from sqlsel.feed.log import LOG_TYPE
from sqlsel.feed.registry import REGISTRY
from sqlsel.feed.watch import Facts, Watch

__all__ = ["LOG_TYPE", "REGISTRY", "Facts", "Watch", "begin", "budget_of", "feed", "finish"]
