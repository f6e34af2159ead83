"""Errors of the harness: each message is one line that names the cause and the remedy.

Exit codes of the command line (documented in ``docs/cli.md``): 0 pass, 1 fail, 2 unknown,
3 usage, configuration or environment.
"""

__all__ = [
    "ConfigurationError",
    "HarnessError",
    "MachineError",
    "MissingExtraError",
    "NotDeclaredError",
]


class HarnessError(Exception):
    """Base of everything that the harness raises on purpose.

    Args:
        cause: What went wrong, in words a newcomer understands.
        remedy: What to do about it; empty when there is nothing to do.
    """

    def __init__(self, cause: str, remedy: str = "") -> None:
        self.cause = " ".join(cause.split())
        self.remedy = " ".join(remedy.split())
        super().__init__(f"{self.cause}: {self.remedy}" if self.remedy else self.cause)


class ConfigurationError(HarnessError):
    """An option, a target file or an environment variable cannot be used as given."""


class NotDeclaredError(HarnessError):
    """The target declares that it has no such thing, so what needs it does not apply to it."""


class MachineError(HarnessError):
    """Something the machine should offer is missing, busy or does not come up."""


class MissingExtraError(HarnessError, ImportError):
    """A part of the harness needs packages that come with an extra.

    Args:
        part: What was to be used.
        extra: Which extra brings them.
        missing: The first package that is not there.
    """

    def __init__(self, part: str, extra: str, missing: str | None) -> None:
        super().__init__(
            f"{part} needs {missing or 'packages'}, which is not installed",
            f"pip install 'clerk-harness[{extra}]'",
        )
