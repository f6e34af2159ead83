"""The oracle: six laws about what a service holds, and one about the run itself.

O1 local users equal Clerk's, tombstones included. O2 every acknowledged message is remembered
exactly once. O3 nobody is there whom Clerk does not know. O4 the version of a user never falls.
O5 a side effect happens at most once per message. O7 a fault that did not bite, and a load that
did not reach its rate, prove nothing: the verdict is *unknown*. (O6, the drained dead-letter
queue, is not judged: a target cannot say yet how a service replays.)
"""

from clerk_harness.checks.bite import bitten
from clerk_harness.checks.observation import Observation, observe
from clerk_harness.checks.oracle import judge, settle

__all__ = ["Observation", "bitten", "judge", "observe", "settle"]
