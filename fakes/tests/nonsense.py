"""What makes no sense: bodies, values, queries and identifiers."""

from typing import Any

__all__ = ["BODIES", "IDENTIFIERS", "JSON", "QUERIES", "VALUES"]

JSON = "application/json"
DEEP = 500
BODIES: list[tuple[str, bytes]] = [
    (JSON, b"{"),
    (JSON, b"null"),
    (JSON, b"[]"),
    (JSON, b'[{"email_address": 1}]'),
    (JSON, b"[[[[]]]]"),
    (JSON, b'"text"'),
    (JSON, b"1e999"),
    (JSON, b"NaN"),
    (JSON, b'{"a": 1, "a": 2}'),
    (JSON, b'{"\xff": "\xfe"}'),
    (JSON, b'{"a": "\\ud800"}'),
    (JSON, b'\xef\xbb\xbf{"a": 1}'),
    (JSON, b'{"a": ' * DEEP + b"1" + b"}" * DEEP),
    (JSON, b"[" * DEEP + b"]" * DEEP),
    (JSON, b'{"__proto__": {"a": 1}, "": 0, "\\u0000": 0}'),
    (f"{JSON}; charset=utf-16", '{"name": "x"}'.encode("utf-16")),
    ("application/x-www-form-urlencoded", b"name=x&name=y&%ff=%00&a[b][c]=d"),
    ("multipart/form-data", b"no boundary at all"),
    ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--"),
    ("multipart/form-data; boundary=x", b"--x\r\ncontent-disposition: form-data\r\n\r\n\r\n--x--"),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nnot an image',
    ),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="\xff"\r\n\r\n\x89PNG\0',
    ),
    ("multipart/form-data; boundary=" + "x" * 300, b"--" + b"x" * 300),
    ("text/xml", b"<a/>"),
    ("\xff", b"{}"),
]
VALUES: dict[str, list[Any]] = {
    "number": [0, -1, 2**63, -(2**63) - 1, 10**400, 1.5, 1e308, "1", True],
    "string": [
        "", " ", "\0", "x" * 5000, "\u202e", "2012-02-30T25:61:61Z", "9999-12-31T23:59:59-23:59",
        "http://[", "-1", 1, ["a"],
    ],
    "array": [[], [[]], [None], [""], ["\0", 1], [{"a": 1}], [{}], [True] * 1001, "a", {"a": []}],
    "object": [{}, {"": None}, {"a": [{"b": "\0"}]}, {"a": {}}, [{"a": 1}], "a"],
    "boolean": [0, "true", None, [True]],
}  # fmt: skip
"""Kind of a parameter → what it is given: nonsense of its own kind, and some of others."""

QUERIES = [
    "{}=", "{}=%00", "{}=%ff", "{}=-1", "{}=99999999999999999999", "{}=1e5", "{}[]=&{}[]=a",
    "{}[a]=b", "{}=" + "x" * 3000, "{}=a&{}=b&{}=1&{}=", "{}=%E2%80%AE%", "{}=null", "{}=true",
    "{}=[]", "{}=2012-02-30",
]  # fmt: skip
IDENTIFIERS = [
    "", "%00", "%ff%fe", "..", "%2e%2e", "%2F", "a%0d%0ab", "x" * 2000, "%F0%9F%98%80", "null",
    "-1", "user_1 OR 1=1", "{}", "%", "*",
]  # fmt: skip
