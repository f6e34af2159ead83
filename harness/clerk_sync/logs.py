"""Structured logs: one JSON object a line on stderr, with secrets blotted out."""

import json
import logging
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, TextIO

import orjson

from clerk_sync.config import Settings
from clerk_sync.redaction import Redactor
from clerk_sync.request_ids import current_request_id

__all__ = ["configure_logging"]

CELERY_PER_TASK: Final = ("celery.app.trace", "celery.worker.strategy")

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Renders a record as JSON; whatever is in ``extra`` becomes a field of its own."""

    def __init__(self, process: str, secrets: Sequence[str]) -> None:
        super().__init__()
        self._process = process
        self._redactor = Redactor(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of one record, without its line feed; never raises."""
        try:
            return self._redactor.redact(self._render(record))
        except Exception as broken:  # noqa: BLE001 - logging would show it raw, secrets and all
            lost = {"level": "error", "process": self._process, "logger": record.name}
            cause = f"a log record cannot be rendered ({type(broken).__name__})"
            return json.dumps(lost | {"message": cause, "template": ascii(record.msg)[:200]})

    def _render(self, record: logging.LogRecord) -> str:
        document: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "pid": record.process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := current_request_id():
            document["request_id"] = request_id
        own = frozenset(document)
        document.update(
            (f"extra_{key}" if key in own else key, value)
            for key, value in vars(record).items()
            if key not in _STANDARD
        )
        if record.exc_info and record.exc_info[1] is not None:
            document["error"] = "".join(traceback.format_exception(record.exc_info[1])).strip()
        try:
            return orjson.dumps(document, default=_show, option=orjson.OPT_NON_STR_KEYS).decode()
        except TypeError:
            return json.dumps(document, default=_show, skipkeys=True)


def _show(value: object) -> str:
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - whatever it is, the rest of the line is worth having
        return f"<{type(value).__name__}>"


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to stderr, and drops what cannot be written: there is nobody else to tell."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Do nothing; logging itself would try the same stderr again."""


def configure_logging(process: str, settings: Settings) -> None:
    """Send every log record of this process to stderr as JSON.

    Args:
        process: Name of the process, shown in each line.
        settings: Give the level and the values to blot out.
    """
    handler = _Stderr(sys.stderr)
    handler.setFormatter(JsonFormatter(process, settings.secrets()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    logging.captureWarnings(capture=True)
    # These say at length what nobody asked.
    for chatty in ("httpx", "httpcore", "alembic.runtime.plugins", *CELERY_PER_TASK):
        logging.getLogger(chatty).setLevel(logging.WARNING)
