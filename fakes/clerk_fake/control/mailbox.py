"""What an instance sent: e-mails and text messages, with the codes and tickets in them."""

from itertools import islice
from typing import Final

from clerk_fake.control.call import ControlCall, ControlRoute
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.mailbox import empty_mailbox, letters

__all__ = ["ROUTES"]

LARGEST: Final = 1000


def _list(call: ControlCall) -> Response:
    query = call.request.query()
    limit = query.integer("limit", least=1, most=LARGEST) or LARGEST
    found = letters(call.instance, to=query.text("to"), slug=query.text("slug"))
    return json_response({"data": list(islice(found, limit))})


def _clear(call: ControlCall) -> Response:
    empty_mailbox(call.instance)
    return json_response({"object": "mailbox", "deleted": True})


ROUTES: Final[tuple[ControlRoute, ...]] = (
    Route("GET", "/__fake__/instances/{instance_id}/mailbox", _list),
    Route("DELETE", "/__fake__/instances/{instance_id}/mailbox", _clear),
)
