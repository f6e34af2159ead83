"""The page on the fake lists what it offers, no more and no less."""

import re
from pathlib import Path

from clerk_fake.bapi.routes import ROUTES

PAGE = Path(__file__).parents[3] / "docs" / "fake.md"


def test_the_page_lists_every_offered_operation() -> None:
    listed = {
        (method.strip(), path)
        for path, methods in re.findall(
            r"^\| `(/v1/[^`]+)` \| ([^|]+) \|$", PAGE.read_text(), re.MULTILINE
        )
        for method in methods.split(",")
    }
    assert listed == {(route.method, route.path) for route in ROUTES}
    assert f"{len(ROUTES)} so far" in PAGE.read_text()
