"""What can go wrong before a load starts; each message is one line with cause and remedy."""

__all__ = ["LoadError", "PlanError"]


class LoadError(Exception):
    """Base of everything that the load raises on purpose.

    Args:
        cause: What went wrong.
        remedy: What to do about it.
    """

    exit_code = 3

    def __init__(self, cause: str, remedy: str) -> None:
        self.cause = " ".join(cause.split())
        self.remedy = " ".join(remedy.split())
        super().__init__(f"{self.cause}: {self.remedy}")


class PlanError(LoadError):
    """The plan cannot be run as given."""
