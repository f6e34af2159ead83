"""What is asked, noun by noun: everything that Clerk describes, as richly as it can be asked.

A scenario is a function of a caller; the tables say for which tag of the description it is.
"""

from collections.abc import Mapping
from typing import Final

from walking.scenarios import (
    billing,
    connections,
    credentials,
    identifiers,
    machines,
    organizations,
    people,
    roles,
    rules,
)
from walking.scenarios.scenario import Scenario

__all__ = ["SCENARIOS", "Scenario"]

SCENARIOS: Final[Mapping[str, Scenario]] = {
    **people.SCENARIOS,
    **identifiers.SCENARIOS,
    **credentials.SCENARIOS,
    **organizations.SCENARIOS,
    **roles.SCENARIOS,
    **rules.SCENARIOS,
    **machines.SCENARIOS,
    **connections.SCENARIOS,
    **billing.SCENARIOS,
}
