"""This repository's own pytest wiring: what the tests of every room share. No steps, no fixtures.

The plugin under test is loaded as a user's pytest loads it, by its entry point.
"""

pytest_plugins = ["pytester"]
