"""Log lines: one JSON object each, without secrets."""

import json
import logging

from clerk_sync.logs import JsonFormatter


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
