"""How the harness reads what a service under test holds."""

from collections.abc import Mapping
from pathlib import Path

from clerk_harness.target.contract import HttpProbeSpec, ProbeSpec, PythonProbeSpec
from clerk_harness.target.probes.declared import DeclaredProbe
from clerk_harness.target.probes.http import HttpSource
from clerk_harness.target.probes.python import load_probe
from clerk_harness.target.probes.reading import Effect, InboxEntry, LocalUser, Probe, ProbeError

__all__ = ["Effect", "InboxEntry", "LocalUser", "Probe", "ProbeError", "open_probe"]


def open_probe(spec: ProbeSpec, *, values: Mapping[str, str], folder: Path) -> Probe:
    """Make the probe that a target file declares, its placeholders already filled in.

    Args:
        spec: The ``[probe]`` table.
        values: Everything that placeholders stand for; handed to Python probes.
        folder: Where Python probes are imported from.
    """
    if isinstance(spec, PythonProbeSpec):
        return load_probe(spec, values=values, folder=folder)
    if isinstance(spec, HttpProbeSpec):
        return DeclaredProbe(spec, HttpSource(spec.headers))
    from clerk_harness.target.probes.sql import SqlSource  # noqa: PLC0415 - SQLAlchemy is heavy

    return DeclaredProbe(spec, SqlSource(spec.url))
