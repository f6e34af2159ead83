"""Ids in paths: what Clerk and Svix make, and nothing that a database could not hold."""

from typing import Annotated, Final

from fastapi import Path

__all__ = ["ClerkId", "SvixId"]

_VISIBLE: Final = r"^[\x21-\x7e]+$"

ClerkId = Annotated[str, Path(max_length=255, pattern=_VISIBLE)]
SvixId = Annotated[str, Path(max_length=255, pattern=_VISIBLE)]
