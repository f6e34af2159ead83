"""The service under test, as a contract: what it is, how it is read, how it is started."""

from clerk_harness.target.contract import TargetSpec
from clerk_harness.target.deployment import Deployment
from clerk_harness.target.file import read_target
from clerk_harness.target.probes import Effect, InboxEntry, LocalUser, Probe, ProbeError

__all__ = [
    "Deployment",
    "Effect",
    "InboxEntry",
    "LocalUser",
    "Probe",
    "ProbeError",
    "TargetSpec",
    "read_target",
]
