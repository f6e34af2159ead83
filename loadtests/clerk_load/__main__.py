"""``python -m clerk_load --plan plan.json --out DIR``: one load, unattended.

Exit codes: 0 thresholds met, 1 violated, 2 unknown (not the load that was planned), 3 usage.
"""

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from clerk_load.errors import LoadError
from clerk_load.plan import Plan
from clerk_load.result import FILES

__all__ = ["main"]


class _Parser(argparse.ArgumentParser):
    """argparse whose errors are one line and exit 3."""

    def error(self, message: str) -> NoReturn:
        self.exit(3, f"clerk_load: {message}: see python -m clerk_load --help\n")


def main(argv: list[str] | None = None) -> int:
    """Run a plan and write what it measured; returns the exit code."""
    parser = _Parser(prog="clerk_load", description=__doc__)
    parser.add_argument("--plan", type=Path, required=True, help="plan.json")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for load.json and deliveries.jsonl"
    )
    options = parser.parse_args(argv)
    try:
        plan = Plan.read(options.plan)
        _make_folder(options.out)
        # Importing Locust patches the whole process, so it waits until there is a load to run.
        from clerk_load.headless import run  # noqa: PLC0415 - see above

        result = run(plan)
        result.write(options.out)
    except LoadError as problem:
        sys.stderr.write(f"clerk_load: {problem}\n")
        return problem.exit_code
    except OSError as problem:
        sys.stderr.write(f"clerk_load: {options.out} cannot be written ({problem.strerror})\n")
        return 3
    sys.stdout.write(f"{result.judgement.verdict}: {result.judgement.why}\n")
    return result.judgement.exit_code


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:  # what an earlier load left must not be taken for this one's
            (folder / name).unlink(missing_ok=True)
    except OSError as problem:
        raise LoadError(
            f"{folder} cannot be used ({problem.strerror})", "give another --out"
        ) from problem


if __name__ == "__main__":
    sys.exit(main())
