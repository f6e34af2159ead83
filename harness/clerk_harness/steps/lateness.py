"""Messages overtake each other on their way, and some come more than once."""

from pytest_bdd import given, parsers, when

from clerk_harness.errors import HarnessError
from clerk_harness.holding import deliver_now, hold_deliveries
from clerk_harness.story import Story

__all__: list[str] = []


@given(parsers.parse('an update of "{name}" that is still on its way'))
def update_on_its_way(clerk_story: Story, name: str) -> None:
    """Changed in Clerk, and not delivered yet."""
    with hold_deliveries(clerk_story.deployment, clerk_story.ledger) as held:
        clerk_story.clerk.users.update(clerk_story.people[name].id, last_name="Long ago")
    clerk_story.on_its_way = held.only("user.updated")


@given(parsers.parse('the registration of "{name}" is still on its way'))
def registration_on_its_way(clerk_story: Story, name: str) -> None:
    """Registered in Clerk, and not delivered yet."""
    with hold_deliveries(clerk_story.deployment, clerk_story.ledger) as held:
        user = clerk_story.clerk.users.create(clerk_story.email(name), first_name=name)
    clerk_story.people[name] = user
    clerk_story.on_its_way = held.only("user.created")


@when("the update that was on its way arrives")
@when("the registration that was on its way arrives")
def arrives(clerk_story: Story) -> None:
    """Deliver it now, and wait until it is acknowledged."""
    if clerk_story.on_its_way is None:
        raise HarnessError("nothing is on its way", "add a Given that holds a message back")
    deliver_now(clerk_story.deployment, clerk_story.ledger, clerk_story.on_its_way)


@when(parsers.parse('Clerk delivers the registration of "{name}" {times:d} more times'))
def delivers_again(clerk_story: Story, name: str, times: int) -> None:
    """The same id and body, signed anew, as Svix does when an acknowledgement is lost."""
    registration = clerk_story.registration_of(name)
    for _ in range(times):
        deliver_now(clerk_story.deployment, clerk_story.ledger, registration)
