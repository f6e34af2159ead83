"""A probe that is the user's own code."""

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path

from clerk_harness.errors import ConfigurationError
from clerk_harness.target.contract import PythonProbeSpec
from clerk_harness.target.probes.reading import Probe

__all__ = ["load_probe"]


def load_probe(spec: PythonProbeSpec, *, values: Mapping[str, str], folder: Path) -> Probe:
    """Import ``module:factory`` and call it with what is known of the run.

    Args:
        spec: Names the factory.
        values: ``database_url``, ``api_url`` and every other placeholder.
        folder: Put on ``sys.path`` while importing.

    Raises:
        ConfigurationError: It cannot be imported, or is not callable.
    """
    module_name, _, factory_name = spec.factory.partition(":")
    sys.path.insert(0, str(folder))
    try:
        factory = getattr(importlib.import_module(module_name), factory_name)
    except (ImportError, AttributeError) as problem:
        raise ConfigurationError(
            f"probe {spec.factory} cannot be imported ({problem})",
            f"it is looked for in {folder} and on the Python path",
        ) from problem
    finally:
        sys.path.remove(str(folder))
    if not callable(factory):
        raise ConfigurationError(
            f"probe {spec.factory} is not callable", "name a function that returns a Probe"
        )
    probe: Probe = factory(values)
    return probe
