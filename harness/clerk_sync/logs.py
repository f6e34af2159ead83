"""Structured logs: one JSON object a line on stderr, with secrets blotted out."""

import json
import logging
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

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
        """Return the line of one record, without its line feed."""
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
        document.update((key, value) for key, value in vars(record).items() if key not in _STANDARD)
        if record.exc_info and record.exc_info[1] is not None:
            document["error"] = "".join(traceback.format_exception(record.exc_info[1])).strip()
        try:
            line = orjson.dumps(document, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
        except TypeError:
            # A record that cannot be written would be shown by logging itself, secrets and all.
            line = json.dumps(document, default=repr, skipkeys=True)
        return self._redactor.redact(line)


def configure_logging(process: str, settings: Settings) -> None:
    """Send every log record of this process to stderr as JSON.

    Args:
        process: Name of the process, shown in each line.
        settings: Give the level and the values to blot out.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(process, settings.secrets()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    logging.captureWarnings(capture=True)
    # These say at length what nobody asked.
    for chatty in ("httpx", "httpcore", "alembic.runtime.plugins", *CELERY_PER_TASK):
        logging.getLogger(chatty).setLevel(logging.WARNING)
