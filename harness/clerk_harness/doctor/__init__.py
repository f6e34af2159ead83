"""Ten questions whose answers tell whether a run can work at all."""

from clerk_harness.doctor.checkup import CHECKS, Finding, examine

__all__ = ["CHECKS", "Finding", "examine"]
