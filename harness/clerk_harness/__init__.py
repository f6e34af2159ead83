"""The harness: target contract, backing services, chaos, oracle, steps, pytest plugin, CLI."""
