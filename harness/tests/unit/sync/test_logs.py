"""Log lines: one JSON object each, without secrets."""

import json
import logging
from contextvars import copy_context

from clerk_sync.logs import JsonFormatter
from clerk_sync.request_ids import RequestIds


def _line(message: str, **more: object) -> dict[str, object]:
    record = logging.makeLogRecord({"msg": message, "levelname": "INFO", "name": "x", **more})
    found: dict[str, object] = json.loads(JsonFormatter("api", ["sk_test_secret"]).format(record))
    return found


def test_fields_of_their_own_are_kept() -> None:
    line = _line("two\nlines", svix_ids=["msg_1"], odd=object)
    assert (line["message"], line["process"], line["svix_ids"]) == ("two\nlines", "api", ["msg_1"])


def test_secrets_are_blotted_out_wherever_they_are() -> None:
    error = ValueError("sk_test_secret in an error")
    line = _line("key sk_test_secret", url="x?sk_test_secret", exc_info=(type(error), error, None))
    assert "sk_test_secret" not in json.dumps(line)
    assert "[redacted] in an error" in str(line["error"])


def test_a_line_is_written_and_redacted_even_of_what_is_no_unicode() -> None:
    assert _line("lone \ud800 of sk_test_secret")["message"] == "lone \ud800 of [redacted]"


def test_every_line_of_a_request_carries_its_id() -> None:
    def begin_and_log() -> object:
        RequestIds().begin(b"id-of-a-client")
        return _line("hello")["request_id"]

    assert copy_context().run(begin_and_log) == "id-of-a-client"
    assert "request_id" not in _line("outside of a request")
