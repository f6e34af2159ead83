"""Which operations of Clerk's Backend API the fake has: writes ``docs/coverage.md``.

``python -m clerk_fake.coverage`` prints the page; with ``--write FILE`` it goes there. Clerk's
description of the API is read from ``$CLERK_OPENAPI_DIR`` or ``../shared/openapi``.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from clerk_fake.bapi.routes import PUBLIC_ROUTES, ROUTES
from clerk_fake.errors import StartError
from clerk_fake.http.router import Coverage, Route

__all__ = ["Operation", "coverage_page", "main", "published_operations"]

EXIT_USAGE: Final = 3
METHODS: Final = ("get", "post", "put", "patch", "delete")
DESCRIPTION: Final = Path("bapi/2026-05-12.yml")
NOT_OFFERED: Final = "not offered"
MEANING: Final = {
    Coverage.STATEFUL.value: "has its effect: all other operations see what it changes",
    Coverage.STORED.value: "its effect lies outside Clerk; what it was told is kept and given back",
    NOT_OFFERED: "not there yet: answered 404 in Clerk's error envelope, never a made-up 200",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as Clerk describes it.

    Attributes:
        tag: The heading under which Clerk documents it.
        method: Upper case.
        path: Below ``/v1``.
    """

    tag: str
    method: str
    path: str


def openapi_directory() -> Path:
    """Return where Clerk's descriptions are.

    Raises:
        StartError: They are not there.
    """
    directory = Path(os.environ.get("CLERK_OPENAPI_DIR", "../shared/openapi"))
    if not (directory / DESCRIPTION).is_file():
        raise StartError(
            f"no {DESCRIPTION} in {directory}: "
            "set CLERK_OPENAPI_DIR to a copy of the repository clerk/openapi-specs"
        )
    return directory


def published_operations(directory: Path) -> Iterator[Operation]:
    """Yield all operations that Clerk publishes, in the order of its description."""
    import yaml  # noqa: PLC0415 - heavy, and only needed here

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (directory / DESCRIPTION).read_text()
    description: dict[str, Any] = yaml.load(text, loader)  # noqa: S506 - both are safe loaders
    for path, item in description["paths"].items():
        for method in METHODS:
            if method in item:
                tag = (item[method].get("tags") or ["Others"])[0]
                yield Operation(tag, method.upper(), path)


def coverage_page(operations: Sequence[Operation]) -> str:
    """Return the page in Markdown."""
    routes: tuple[Route[Any], ...] = (*ROUTES, *PUBLIC_ROUTES)
    offered = {(route.method, _shape(route.path)): route.coverage.value for route in routes}
    classes = {
        operation: offered.get((operation.method, _shape(f"/v1{operation.path}")), NOT_OFFERED)
        for operation in operations
    }
    counts = Counter(classes.values())
    lines = [
        "# Operations of Clerk's Backend API",
        "",
        "Made by `make coverage` from Clerk's description of 2026-05-12 and the fake's routes;",
        "a test fails when it is not current.",
        "",
        f"All {len(operations)} operations:",
        "",
        "| class | operations | meaning |",
        "|---|---|---|",
        *(f"| {name} | {counts[name]} | {meaning} |" for name, meaning in MEANING.items()),
    ]
    tag = None
    for operation in sorted(operations, key=lambda each: each.tag):
        if operation.tag != tag:
            tag = operation.tag
            lines += ["", f"## {tag}", "", "| operation | class |", "|---|---|"]
        lines.append(f"| `{operation.method} {operation.path}` | {classes[operation]} |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Print or write the page; return the exit code: 0, or 3 without Clerk's description."""
    parser = argparse.ArgumentParser(prog="python -m clerk_fake.coverage", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page to this file")
    options = parser.parse_args(arguments)
    try:
        page = coverage_page(list(published_operations(openapi_directory())))
    except StartError as missing:
        sys.stderr.write(f"clerk_fake.coverage: {missing}\n")
        return EXIT_USAGE
    if options.write is None:
        sys.stdout.write(page)
    else:
        options.write.write_text(page)
    return 0


def _shape(path: str) -> tuple[str, ...]:
    segments = path.strip("/").split("/")
    return tuple("{}" if segment.startswith("{") else segment for segment in segments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
