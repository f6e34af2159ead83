"""What a handler of Svix' API is given."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from clerk_fake.events.log import Event
from clerk_fake.http.fields import Fields
from clerk_fake.http.forms import form_names, read_form
from clerk_fake.http.query import Query
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response
from clerk_fake.http.router import Route
from clerk_fake.http.svix_refusals import camel_case
from clerk_fake.instance import Instance
from clerk_fake.model.svix_messages import find_message
from clerk_fake.webhooks.endpoint import Endpoint

__all__ = ["SvixCall", "SvixRoute"]

F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class SvixCall:
    """A request to Svix' API, let in.

    Attributes:
        request: What was asked.
        instance: Whose app it is about.
        token: What it was let in with.
    """

    request: Request
    instance: Instance
    token: str

    @property
    def query(self) -> Query:
        """What is behind the ``?``."""
        return self.request.query()

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint that the path names, by its id or its uid.

        Raises:
            ApiError: 404, there is none.
        """
        return self.instance.endpoints.require(self.param("endpoint_id"))

    @property
    def message(self) -> Event:
        """The message that the path names, by its id or its ``eventId``.

        Raises:
            ApiError: 404, there is none.
        """
        return find_message(self.instance, self.param("msg_id"))

    def param(self, name: str) -> str:
        """Return a variable part of the path."""
        return self.request.params[name]

    def form(self, form: type[F]) -> F:
        """Read the body; its names are camel case, and those that ``form`` has not are ignored.

        Raises:
            ApiError: 400, the body is no JSON; 422, something in it is not acceptable.
        """
        sent = self.request.fields()
        names = {name: camel_case(name) for name in form_names(form)}
        document = {
            name: sent.anything(written) for name, written in names.items() if written in sent
        }
        return read_form(form, Fields(document))

    def wants_content(self) -> bool:
        """Tell whether payloads and answers are to be shown; they are unless somebody objects."""
        return self.query.boolean("with_content") is not False


SvixRoute: TypeAlias = Route[Callable[[SvixCall], Response]]
