"""The seam between tables and arrays: begin, feed, finish of one run inside one SQL statement."""

from sqlsel.selection.functions import begin, feed, finish
from sqlsel.selection.limits import budget_of
from sqlsel.selection.log import LOG_TYPE
from sqlsel.selection.registry import REGISTRY
from sqlsel.selection.watch import Facts, Watch

__all__ = ["LOG_TYPE", "REGISTRY", "Facts", "Watch", "begin", "budget_of", "feed", "finish"]
