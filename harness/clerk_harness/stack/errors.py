"""The error of this room."""

from clerk_harness.errors import MachineError

__all__ = ["StackError"]


class StackError(MachineError):
    """A backing service, a process or the run folder cannot do what was asked.

    Args:
        cause: What went wrong.
        remedy: What to do about it; empty when there is nothing to do.
        subject: Name of the service or process it is about; empty for the run itself.
    """

    def __init__(self, cause: str, remedy: str = "", *, subject: str = "") -> None:
        self.subject = subject
        super().__init__(cause, remedy)
