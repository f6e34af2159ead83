"""Read uploads: bodies of type ``multipart/form-data``."""

from dataclasses import dataclass, field
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.http.fields import Fields
from clerk_fake.http.request import Request
from clerk_fake.model.images import Upload

__all__ = ["UPLOAD_LIMIT", "Form", "read_multipart"]

UPLOAD_LIMIT: Final = 21_000_000
"""Largest body of an upload, in bytes: twice what an image may have, so that Clerk's own refusal
of a large image is met before the server's."""

MAX_PARTS: Final = 100
MEDIA_TYPE: Final = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Form:
    """What came in.

    Attributes:
        fields: The parts without a file name, as strings.
        files: The others; of two with one name the last counts.
    """

    fields: Fields
    files: dict[str, Upload]


@dataclass(slots=True)
class _Part:
    name: bytes = b""
    value: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)

    def end_header(self) -> None:
        self.headers[self.name.decode("latin-1").lower()] = self.value.decode("latin-1")
        self.name = self.value = b""


class _Parts:
    """Collects the parts while the parser reports them."""

    def __init__(self) -> None:
        self.parts: list[_Part] = []

    def begin(self) -> None:
        if len(self.parts) == MAX_PARTS:
            raise ApiError.bad_request(f"The request body has more than {MAX_PARTS} parts.")
        self.parts.append(_Part())

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].value += data[start:end]

    def header_end(self) -> None:
        self.parts[-1].end_header()

    def data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].body += data[start:end]


def read_multipart(request: Request) -> Form:
    """Return the parts of a request's body; an empty body has none.

    Raises:
        ApiError: 415, the body is of another type; 400, it is malformed.
    """
    if not request.body:
        return Form(Fields({}), {})
    fields: dict[str, object] = {}
    files = {}
    for part in _parts(request):
        options = _options(part.headers.get("content-disposition", ""))[1]
        name = options.get("name", "")
        if "filename" in options:
            files[name] = Upload(part.headers.get("content-type", ""), bytes(part.body))
        else:
            fields[name] = part.body.decode(errors="replace")
    return Form(Fields(fields), files)


def _parts(request: Request) -> list[_Part]:
    from python_multipart.exceptions import FormParserError  # noqa: PLC0415 - uploads are rare
    from python_multipart.multipart import MultipartParser  # noqa: PLC0415 - the same

    media_type, options = _options(request.headers.get("content-type"))
    if media_type != MEDIA_TYPE:
        raise ApiError.of(
            415,
            "unsupported_content_type",
            "Content-Type is unsupported",
            f"Content-Type {media_type} is unsupported. You should use {MEDIA_TYPE} instead.",
        )
    found = _Parts()
    try:
        parser = MultipartParser(
            options.get("boundary", "").encode("latin-1"),
            {
                "on_part_begin": found.begin,
                "on_header_field": found.header_name,
                "on_header_value": found.header_value,
                "on_header_end": found.header_end,
                "on_part_data": found.data,
            },
        )
        parser.write(request.body)
        parser.finalize()
    except FormParserError as malformed:
        raise ApiError.bad_request(
            f"The request body is no valid {MEDIA_TYPE}: {malformed}"
        ) from malformed
    return found.parts


def _options(header: str) -> tuple[str, dict[str, str]]:
    """Split a header such as ``form-data; name="file"`` into its value and its options."""
    from python_multipart.multipart import parse_options_header  # noqa: PLC0415 - uploads are rare

    value, options = parse_options_header(header.encode("latin-1", errors="replace"))
    decoded = {
        name.decode("latin-1"): text.decode(errors="replace") for name, text in options.items()
    }
    return value.decode("latin-1"), decoded
