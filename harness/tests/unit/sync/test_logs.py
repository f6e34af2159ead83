"""Log lines: one JSON object each, without secrets."""

import io
import json
import logging
import sys
from contextvars import copy_context

import pytest

from clerk_sync.config import Role, read_settings
from clerk_sync.logs import JsonFormatter, configure_logging
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


class _Unshowable:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def test_what_cannot_be_rendered_costs_its_own_place_and_no_more() -> None:
    line = _line("x", odd=_Unshowable(), number=2**80, lone="\ud800", keys={_Unshowable: 1})
    assert (line["message"], line["odd"], line["number"]) == ("x", "<_Unshowable>", 2**80)
    assert "cannot be rendered (TypeError)" in str(_line("%d", args=("sk_test_secret",))["message"])
    loop: list[object] = []
    loop.append(loop)
    assert "cannot be rendered" in str(_line("x", loop=loop)["message"])


def test_an_extra_field_does_not_stand_in_for_one_of_our_own() -> None:
    line = _line("x", level="harmless", process_name="y")
    assert (line["level"], line["extra_level"]) == ("info", "harmless")


def test_a_log_that_cannot_be_written_breaks_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError(text)

    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", Broken())
        try:
            configure_logging("api", read_settings(Role.CONFIG, {}))
            logging.getLogger("x").warning("nobody reads this")
        finally:
            root.handlers[:], root.level = before
            logging.captureWarnings(capture=False)
