"""Clerk's OpenAPI descriptions, where they are at hand: never part of this project."""

import os
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

__all__ = ["LATEST", "MISSING", "OLDER", "described", "folder"]

LATEST: Final = "2026-05-12"
OLDER: Final = "2025-11-10"
BESIDE_THE_CHECKOUT: Final = Path(__file__).parents[4] / "shared" / "openapi"


def folder() -> Path:
    """Where the descriptions are: ``$CLERK_OPENAPI_DIR``, or beside the checkout."""
    return Path(os.environ.get("CLERK_OPENAPI_DIR", BESIDE_THE_CHECKOUT))


MISSING: Final = (
    f"no OpenAPI descriptions of Clerk in {folder()}: nothing is judged by them; "
    "set CLERK_OPENAPI_DIR to have them"
)


@cache
def described(name: str) -> dict[str, Any] | None:
    """Return a description such as ``bapi/2026-05-12``; ``None`` when it is not at hand."""
    path = folder() / f"{name}.yml"
    if not path.exists():
        return None
    with path.open("rb") as stream:
        loaded: dict[str, Any] = yaml.load(stream, Loader=yaml.CSafeLoader)
    return loaded
