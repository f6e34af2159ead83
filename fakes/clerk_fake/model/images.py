"""Pictures of users, organizations and applications: kept in the instance, served by the fake."""

import base64
from dataclasses import dataclass
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.state import Noun

__all__ = [
    "IMAGES",
    "NO_IMAGE",
    "Image",
    "Upload",
    "drop_image",
    "image_url",
    "require_image",
    "store_image",
]

MAX_BYTES: Final = 10 * 1024 * 1024

NO_IMAGE: Final = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'%3E"
    "%3Crect width='1' height='1' fill='%23ccc'/%3E%3C/svg%3E"
)
"""The picture of what has none; a data URL, so that no browser leaves the machine for it."""

SIGNATURES: Final = (
    ("image/png", ((0, b"\x89PNG\r\n\x1a\n"),)),
    ("image/jpeg", ((0, b"\xff\xd8\xff"),)),
    ("image/gif", ((0, b"GIF8"),)),
    ("image/webp", ((0, b"RIFF"), (8, b"WEBP"))),
)
"""Media type → what stands at which place of such a file."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody sent.

    Attributes:
        content_type: As they say; may be empty.
        content: All of it.
    """

    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Image:
    """A picture; it never changes.

    Attributes:
        id: ``img_…``.
        created_at: ms.
        content_type: What it is.
        base64: The file, in base64.
    """

    id: str
    created_at: int
    content_type: str
    base64: str

    @property
    def content(self) -> bytes:
        """The file."""
        return base64.b64decode(self.base64)


IMAGES: Final = Noun("images", Image)


def store_image(instance: Instance, upload: Upload | None) -> Image:
    """Keep a picture; whoever shows it names its id, and drops it in the end.

    Raises:
        ApiError: In Clerk's words: 400, there is no file, or it is no PNG, JPEG, GIF or WebP;
            413, it is larger than 10 MB.
    """
    if upload is None or not upload.content:
        raise ApiError.of(
            400,
            "form_param_missing",
            "Image file missing",
            "There was no image file present in the request",
        )
    if len(upload.content) > MAX_BYTES:
        raise ApiError.of(
            413,
            "image_too_large",
            "Image too large",
            "The image being uploaded is more than 10MB. Please choose a smaller one.",
        )
    image = Image(
        id=instance.ids.new("img"),
        created_at=instance.clock.now_ms(),
        content_type=_content_type(upload),
        base64=base64.b64encode(upload.content).decode(),
    )
    instance.state.of(IMAGES).put(image)
    return image


def require_image(instance: Instance, image_id: str) -> Image:
    """Return the picture with this id.

    Raises:
        ApiError: 404, there is none.
    """
    image = instance.state.of(IMAGES).get(image_id)
    if image is None:
        raise ApiError.of(404, "image_not_found", "Image not found")
    return image


def drop_image(instance: Instance, image_id: str | None) -> None:
    """Forget a picture that nobody shows any more; ``None`` and unknown ids are no error."""
    image = instance.state.of(IMAGES).get(image_id or "")
    if image is not None:
        instance.state.of(IMAGES).remove(image)


def image_url(home_url: str, image_id: str | None) -> str:
    """Return where the picture is served, or ``NO_IMAGE``.

    Args:
        home_url: Of the instance.
        image_id: Which; ``None`` for none.
    """
    return NO_IMAGE if image_id is None else f"{home_url}/images/{image_id}"


def _content_type(upload: Upload) -> str:
    for content_type, marks in SIGNATURES:
        if all(upload.content.startswith(mark, place) for place, mark in marks):
            return content_type
    if upload.content_type in dict(SIGNATURES):
        raise ApiError.of(
            400,
            "request_body_invalid",
            "Image decode error",
            "The image could not be decoded. Please ensure the image is valid and try again.",
        )
    raise ApiError.of(
        400,
        "request_body_invalid",
        "Unsupported image type",
        f"'{upload.content_type}' images are not currently supported. "
        "Please consult the API documentation for more information.",
    )
