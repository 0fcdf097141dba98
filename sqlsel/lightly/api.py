"""``lightly.api``: the module that scripts import the client from."""

from sqlsel.lightly.answers import ComputeWorkerRunInfo
from sqlsel.lightly.client import ApiWorkflowClient

__all__ = ["ApiWorkflowClient", "ComputeWorkerRunInfo"]
