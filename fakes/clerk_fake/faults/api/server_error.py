"""Clerk, or what stands in front of it, is down."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, ClassVar, Final, Literal

from clerk_fake.errors import Complaint
from clerk_fake.faults.api.exchange import ApiFault, Exchange, Proceed
from clerk_fake.http.refusals import error_response
from clerk_fake.http.response import HTML, Response
from clerk_fake.jsontypes import Between

__all__ = ["ServerError", "Speaker", "broken_response"]

Speaker = Literal["clerk", "gateway"]

PAGE: Final = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>\n"


@dataclass(frozen=True, slots=True)
class ServerError(ApiFault):
    """5xx; several in a row with the ``burst`` of ``Where``.

    Attributes:
        status: 500 to 599.
        speaker: Who answers: ``clerk`` with its envelope, or a ``gateway`` with a page of HTML.
        applied: Whether the request is carried out all the same, so that its answer is lost.
    """

    kind: ClassVar[str] = "server_error"

    status: Annotated[int, Between(500, 599)] = 503
    speaker: Speaker = "clerk"
    applied: bool = False

    async def act(self, exchange: Exchange, proceed: Proceed) -> Response | None:
        """Answer 5xx."""
        del exchange
        if self.applied:
            await proceed()
        return broken_response(self.status, self.speaker)


def broken_response(status: int, speaker: Speaker) -> Response:
    """Return a 5xx answer."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Error"
    if speaker == "gateway":
        return Response(status, PAGE.format(f"{status} {phrase}").encode(), HTML)
    message = f"{phrase}. Please try again."
    return error_response(status, [Complaint("internal_clerk_error", phrase, message)])
