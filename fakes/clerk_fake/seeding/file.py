"""A seed file on the disk."""

from pathlib import Path
from typing import Final

from clerk_fake.errors import StartError
from clerk_fake.instance import Instance
from clerk_fake.seeding.document import read_document
from clerk_fake.seeding.operations import Operator
from clerk_fake.seeding.problems import SeedError
from clerk_fake.seeding.sowing import Handles, sow

__all__ = ["SeedFileError", "sow_file"]

MOST_TOLD: Final = 50


class SeedFileError(StartError):
    """A seed file cannot be used; its ``lines`` name file, line and field."""


def sow_file(path: Path, operator: Operator, instance: Instance) -> Handles:
    """Make everything that a file declares in ``instance``; return the ids of its handles.

    Raises:
        SeedFileError: It cannot be read, or something in it is wrong; nothing was made then.
    """
    try:
        return sow(operator, instance, read_document(path.read_text("utf-8")))
    except OSError as unreadable:
        raise SeedFileError(
            f"{path} cannot be read ({unreadable.strerror}): give --seed-file another file"
        ) from unreadable
    except UnicodeDecodeError as malformed:
        raise SeedFileError(f"{path} is no text in UTF-8: save it as such") from malformed
    except SeedError as wrong:
        told = [problem.told(str(path)) for problem in wrong.problems[:MOST_TOLD]]
        if len(wrong.problems) > MOST_TOLD:
            told.append(f"{path}: and {len(wrong.problems) - MOST_TOLD} more problems")
        raise SeedFileError(*told) from wrong
