"""Puts a run on disk: a folder that is complete the moment it appears, and a ``latest`` beside it.

Nothing that this module did not make is ever deleted or replaced.
"""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from clerk_report import html, junit, verdict_json
from clerk_report.errors import LatestLinkError, ReportError
from clerk_report.evidence import Run
from clerk_report.redaction import redacted

__all__ = ["FORMATS", "write"]

# One line per format. verdict.json goes last: whoever sees it may rely on the others.
FORMATS: Mapping[str, Callable[[Run], bytes]] = MappingProxyType(
    {
        "index.html": html.render,
        "junit.xml": junit.render,
        "verdict.json": verdict_json.render,
    }
)
LATEST = "latest"
# Marks a ``latest`` that had to be a copy, because the file system knows no symbolic links.
COPY_MARK = ".copied-by-clerk-report"
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")


def write(run: Run, out_root: Path) -> Path:
    """Write every format of ``run`` to ``out_root/<run_id>/`` and point ``latest`` at it.

    The folder appears complete; where it exists already, each file is replaced atomically and
    what else lies in it stays. Secrets are hidden in all formats.

    Args:
        run: What happened.
        out_root: Made when missing.

    Returns:
        The run's folder.

    Raises:
        ReportError: ``run_id`` is no folder name, or the folder cannot be written.
        LatestLinkError: All is written, but ``latest`` is not ours to move.
    """
    if not _RUN_ID.fullmatch(run.run_id) or run.run_id == LATEST:
        raise ReportError(
            f"run id {run.run_id!r} cannot name a folder",
            "use up to 120 letters, digits, '.', '_' and '-', and not 'latest'",
        )
    safe = redacted(run)
    contents = {name: render(safe) for name, render in FORMATS.items()}
    folder = out_root / run.run_id
    try:
        out_root.mkdir(parents=True, exist_ok=True)
        _publish(contents, folder)
        ours = _point(out_root / LATEST, folder)
    except OSError as problem:
        raise ReportError(
            f"the report cannot be written to {folder} ({problem.strerror or problem})",
            "give a folder that you may write to",
        ) from problem
    if not ours:
        raise LatestLinkError(folder, out_root / LATEST)
    return folder


def _publish(contents: Mapping[str, bytes], folder: Path) -> None:
    draft = _aside(folder)
    draft.mkdir()
    try:
        for name, content in contents.items():
            (draft / name).write_bytes(content)
        if not folder.exists():
            try:
                draft.rename(folder)
            except FileExistsError:
                pass  # somebody made the folder meanwhile; fill it like any other
            else:
                return
        for name in contents:
            (draft / name).replace(folder / name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _point(latest: Path, folder: Path) -> bool:
    """Swap ``latest`` to ``folder``; ``False`` when it is somebody else's."""
    if not _is_ours(latest):
        return False
    draft = _aside(latest)
    try:
        draft.symlink_to(folder.name, target_is_directory=True)
    except (OSError, NotImplementedError):
        _copy(latest, folder, draft)
        return True
    if latest.is_dir() and not latest.is_symlink():  # a copy of an earlier run
        _remove_copy(latest)
    draft.replace(latest)
    return True


def _is_ours(latest: Path) -> bool:
    """Free, a link to a sibling as we make them, or a copy with our mark and nothing else in it."""
    if latest.is_symlink():
        return latest.readlink().parent == Path()
    if not latest.is_dir():
        return not latest.exists()
    names = {path.name for path in latest.iterdir()}
    return COPY_MARK in names and names <= {*FORMATS, COPY_MARK}


def _copy(latest: Path, folder: Path, draft: Path) -> None:
    draft.mkdir()
    for name in FORMATS:
        shutil.copyfile(folder / name, draft / name)
    (draft / COPY_MARK).touch()
    if latest.is_dir():
        _remove_copy(latest)
    draft.rename(latest)


def _remove_copy(latest: Path) -> None:
    """Remove our own copy, file by file, so that nothing else can go with it."""
    old = _aside(latest)
    latest.rename(old)
    for name in (*FORMATS, COPY_MARK):
        (old / name).unlink(missing_ok=True)
    old.rmdir()


def _aside(path: Path) -> Path:
    """A free name beside ``path``, on the same file system."""
    return path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
