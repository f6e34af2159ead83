"""People sign up, leave, and are looked for in the service."""

from pytest_bdd import given, parsers, then, when

from clerk_harness.story import Story

__all__: list[str] = []

_ARRIVES_WITHIN_S = 15


@given(parsers.parse('"{name}" has signed up and is here'))
def has_signed_up(clerk_story: Story, name: str) -> None:
    """Sign up with the usual fields, and wait for the local row."""
    clerk_story.people[name] = clerk_story.clerk.users.create(
        clerk_story.email(name), first_name=name, last_name="Lovelace"
    )
    equals_clerks(clerk_story, name, _ARRIVES_WITHIN_S)


@given(parsers.parse('Clerk has deleted "{name}"'))
def has_deleted(clerk_story: Story, name: str) -> None:
    """Delete, and wait for the tombstone."""
    deletes(clerk_story, name)
    is_inactive(clerk_story, name, _ARRIVES_WITHIN_S)


@when(parsers.parse('"{name}" signs up in Clerk with every field filled in'))
def signs_up_with_every_field(clerk_story: Story, name: str) -> None:
    """Every field of the projection has a value, with letters beyond ASCII among them."""
    clerk_story.people[name] = clerk_story.clerk.users.create(
        [clerk_story.email(name), clerk_story.email(f"{name} second")],
        first_name=f"{name} Žofie",
        last_name="O'Brien-李",
        username=f"{name.lower()}_{clerk_story.label}",
        external_id=f"crm-{clerk_story.label}-{name}",
        public_metadata={"plan": "pro", "seats": 3, "nested": {"emoji": "🦉", "none": None}},
    )


@when(parsers.parse('"{name}" signs up in Clerk with nothing but an e-mail address'))
def signs_up_bare(clerk_story: Story, name: str) -> None:
    """Names, username and metadata stay null or empty."""
    clerk_story.people[name] = clerk_story.clerk.users.create(clerk_story.email(name))


@when(parsers.parse('"{name}" signs up in Clerk with the e-mail address of "{other}"'))
def signs_up_as_another(clerk_story: Story, name: str, other: str) -> None:
    """Reuse an address that Clerk has freed."""
    address = clerk_story.email(other)
    clerk_story.people[name] = clerk_story.clerk.users.create(address, first_name=name)


@when(parsers.parse("{count:d} users sign up in Clerk at once"))
def sign_up_at_once(clerk_story: Story, count: int) -> None:
    """As fast as Clerk takes them."""
    for number in range(count):
        name = f"User {number}"
        clerk_story.people[name] = clerk_story.clerk.users.create(clerk_story.email(name))


@when(parsers.parse('Clerk deletes "{name}"'))
def deletes(clerk_story: Story, name: str) -> None:
    """Delete the user in Clerk."""
    clerk_story.clerk.users.delete(clerk_story.people[name].id)


@when(parsers.parse('the local "{name}" equals Clerk\'s within {seconds:g} seconds'))
@then(parsers.parse('the local "{name}" equals Clerk\'s within {seconds:g} seconds'))
def equals_clerks(clerk_story: Story, name: str, seconds: float) -> None:
    """Compare every declared field with what Clerk holds now."""
    user = clerk_story.clerk.users.get(clerk_story.people[name].id)
    clerk_story.expect_equal(name, user, within=seconds)


@when(parsers.parse('the local "{name}" is inactive within {seconds:g} seconds'))
@then(parsers.parse('the local "{name}" is inactive within {seconds:g} seconds'))
def is_inactive(clerk_story: Story, name: str, seconds: float) -> None:
    """A tombstone, or no row at all."""
    clerk_id = clerk_story.people[name].id
    claim = f"{name} is inactive or gone"
    clerk_story.expect(claim, seconds, lambda: still_active(clerk_story, clerk_id))


def still_active(story: Story, clerk_id: str) -> str:
    """Say that there is an active row; empty when there is none."""
    row = story.probe.user(clerk_id)
    return f"{clerk_id} is active" if row is not None and row.active else ""
