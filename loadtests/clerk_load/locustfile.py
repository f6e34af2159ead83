"""For people: ``CLERK_LOAD_PLAN=plan.json locust -f locustfile.py`` and watch it in the Web UI."""

import os
import sys
from pathlib import Path

from clerk_load.engine import Engine
from clerk_load.errors import LoadError, PlanError
from clerk_load.plan import Plan
from clerk_load.users import WebhookUser

__all__ = ["Webhooks"]

PLAN_VARIABLE = "CLERK_LOAD_PLAN"


def planned() -> Plan:
    """Read the plan that ``$CLERK_LOAD_PLAN`` names; exits 3 with one line when it cannot."""
    try:
        if path := os.environ.get(PLAN_VARIABLE):
            return Plan.read(Path(path))
        raise PlanError(f"{PLAN_VARIABLE} is not set", "let it name a plan.json")
    except LoadError as problem:
        sys.stderr.write(f"clerk_load: {problem}\n")
        raise SystemExit(problem.exit_code) from problem


class Webhooks(WebhookUser):
    """The load of the plan; every start of the test runs it once more."""

    plan = planned()
    host = plan.url

    @classmethod
    def new_engine(cls) -> Engine:
        """A fresh engine for every start."""
        return Engine(cls.plan)
