"""Backing services: real PostgreSQL and Redis that can be started, killed and restarted.

``with Workspace.open("why") as workspace: stack = open_stack("embedded", workspace)``
"""

from clerk_harness.stack.errors import StackError
from clerk_harness.stack.opening import Stack, open_stack
from clerk_harness.stack.postgres import Postgres
from clerk_harness.stack.process import Account, Command, Process
from clerk_harness.stack.redis import Redis
from clerk_harness.stack.services import BackingService, DatabaseService, StackMode
from clerk_harness.stack.workspace import Workspace

__all__ = [
    "Account",
    "BackingService",
    "Command",
    "DatabaseService",
    "Postgres",
    "Process",
    "Redis",
    "Stack",
    "StackError",
    "StackMode",
    "Workspace",
    "open_stack",
]
