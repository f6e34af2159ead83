"""Faults that a service must survive, and the proof that each of them bit.

A fault is one small file: a frozen dataclass whose ``apply`` is a context manager that always
heals, and whose ``bites`` tells, while it is on, whether it does any harm. ``CONTRIBUTING.md``
says how to add one.
"""

from clerk_harness.chaos.catalogue import FAULTS
from clerk_harness.chaos.experiment import inflict
from clerk_harness.chaos.fault import Fault
from clerk_harness.chaos.laboratory import Laboratory
from clerk_harness.chaos.traffic import Traffic

__all__ = ["FAULTS", "Fault", "Laboratory", "Traffic", "inflict"]
