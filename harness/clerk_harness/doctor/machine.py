"""The machine that the harness runs on."""

import importlib.util
import platform
import sys

from clerk_harness.doctor.patient import Patient, require

__all__ = ["check_environment"]

_NEEDED = ("fastapi", "celery", "sqlalchemy", "asyncpg", "alembic", "svix", "locust", "pytest_bdd")
_OLDEST = (3, 11)


def check_environment(_patient: Patient) -> str:
    """Python is new enough and everything that a run imports is installed."""
    require(sys.version_info >= _OLDEST, "Python is too old", "use 3.11 or newer")
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    require(
        not missing,
        f"not installed: {', '.join(missing)}",
        "pip install 'clerk-harness[validate]'",
    )
    return f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
