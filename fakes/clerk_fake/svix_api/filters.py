"""Which messages and attempts a list shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

from clerk_fake.events.log import EventLog, Heading
from clerk_fake.http.query import Query
from clerk_fake.instance import Instance
from clerk_fake.model.svix_names import check_channels, check_event_type
from clerk_fake.svix_api.moments import moment_in
from clerk_fake.svix_api.pages import Page
from clerk_fake.svix_api.statuses import CLASSES, STATUSES, attempt_status, class_of
from clerk_fake.webhooks.attempts import Attempt

__all__ = ["Filter", "choice_of_number"]

STATUS_NUMBERS: Final = tuple(range(len(STATUSES)))


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; what is ``None`` or empty narrows nothing.

    Attributes:
        before: Of before this time, ms of the instance's clock.
        after: Of after this time.
        event_types: Messages of these types.
        channel: Messages of this channel.
        tag: Messages with this tag.
        status: What stands so.
        status_class: Attempts that were answered so.
    """

    before: int | None = None
    after: int | None = None
    event_types: frozenset[str] = frozenset()
    channel: str | None = None
    tag: str | None = None
    status: int | None = None
    status_class: int | None = None

    @classmethod
    def of(cls, query: Query) -> Self:
        """Read it from a query.

        Raises:
            ApiError: 422, it is malformed.
        """
        channel = query.text("channel")
        if channel is not None:
            check_channels((channel,), "channel")
        given = [name for each in query.texts("event_types") for name in each.split(",") if name]
        return cls(
            before=moment_in(query, "before"),
            after=moment_in(query, "after"),
            event_types=frozenset(check_event_type(name, "event_types") for name in given),
            channel=channel,
            tag=query.text("tag"),
            status=choice_of_number(query, "status", STATUS_NUMBERS),
            status_class=choice_of_number(query, "status_code_class", CLASSES),
        )

    def page(self, query: Query) -> Page:
        """Return the page that is asked for, the youngest first.

        What is asked for after a time and nothing else begins at that time, as with Svix.
        """
        return Page.of(
            query, falling=True, from_the_end=self.after is not None and self.before is None
        )

    def headings(self, log: EventLog, page: Page) -> Iterator[Heading]:
        """Yield the messages that are shown, from where a page begins."""
        detailed = self.channel is not None or self.tag is not None
        for heading in log.headings(page.beyond, falling=page.falling, detailed=detailed):
            if self.takes_time(heading.timestamp) and self.takes_message(heading):
                yield heading

    def takes_time(self, at: int) -> bool:
        """Tell whether something of this time is shown."""
        return (self.before is None or at < self.before) and (self.after is None or at > self.after)

    def takes_message(self, heading: Heading) -> bool:
        """Tell whether something about this message is shown, whenever that was."""
        details = heading.details
        return (
            (not self.event_types or heading.type in self.event_types)
            and (self.channel is None or self.channel in details.channels)
            and (self.tag is None or self.tag in details.tags)
        )

    def takes_attempt(self, instance: Instance, attempt: Attempt) -> bool:
        """Tell whether an attempt is shown."""
        if not self.takes_time(attempt.timestamp):
            return False
        if self.status not in {None, attempt_status(attempt)}:
            return False
        if self.status_class not in {None, class_of(attempt)}:
            return False
        if not (self.event_types or self.channel or self.tag):
            return True
        heading = instance.log.heading(attempt.message_id)
        return heading is not None and self.takes_message(heading)


def choice_of_number(query: Query, name: str, numbers: tuple[int, ...]) -> int | None:
    """Return a number that is one of ``numbers``.

    Raises:
        ApiError: 422, it is not.
    """
    chosen = query.choice(name, [str(number) for number in numbers])
    return None if chosen is None else int(chosen)
