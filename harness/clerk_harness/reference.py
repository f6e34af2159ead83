"""The reference service as a target; it is started like any other, and never imported."""

from pathlib import Path

from clerk_harness.target import TargetSpec, read_target

__all__ = ["reference_target"]


def reference_target() -> TargetSpec:
    """Read the packaged target file of ``clerk_sync``."""
    return read_target(Path(__file__).with_name("reference.toml"))
