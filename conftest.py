"""This repository's own pytest wiring: what the tests of every room share. No steps, no fixtures.

The plugin under test is loaded as a user's pytest loads it, by its entry point.
"""

from hypothesis import settings

pytest_plugins = ["pytester"]

# On a shared machine a slow example says nothing about the law that it tries.
settings.register_profile("laws", deadline=None)
settings.load_profile("laws")
