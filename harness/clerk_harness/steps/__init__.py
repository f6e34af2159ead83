"""What the sentences of the features do, one topic a file; each talks to one ``clerk_story``."""

__all__ = ["STEP_MODULES"]

STEP_MODULES = tuple(
    f"{__name__}.{topic}"
    for topic in (
        "authentication",
        "background",
        "books",
        "delivery",
        "errors",
        "lateness",
        "people",
        "profile",
        "security",
    )
)
"""Modules to hand to pytest as plugins (``-p``)."""
