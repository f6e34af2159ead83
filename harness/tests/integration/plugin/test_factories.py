"""Factories make their objects through the API of the instance that they are bound to."""

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from typing import Any, ClassVar

import pytest
from factory.faker import Faker
from factory.helpers import post_generation
from judging.payloads import event_judge
from standardwebhooks.webhooks import WebhookVerificationError
from svix.webhooks import Webhook

from clerk_harness.clerk import ClerkInstance, ClerkRefusedError, ClerkServer
from clerk_harness.errors import ConfigurationError
from clerk_harness.factories import (
    PASSWORD,
    Draft,
    Factories,
    OrganizationFactory,
    SessionFactory,
    UserFactory,
    seeded,
)
from clerk_harness.factories.stories import STORIES


def test_a_user_is_made_through_the_api(clerk: ClerkInstance, clerk_factories: Factories) -> None:
    ada = clerk_factories.user(first_name="Ada", public_metadata={"plan": "pro"})

    assert clerk.users.get(ada.id) == ada
    assert (ada.first_name, ada.public_metadata) == ("Ada", {"plan": "pro"})
    assert ada.email is not None
    assert ada.email.endswith("+clerk_test@example.com")
    assert [message.event_type for message in clerk.messages.emitted()] == ["user.created"]


def test_what_a_user_may_have_besides(clerk: ClerkInstance, clerk_factories: Factories) -> None:
    ada = clerk_factories.user(
        with_phone=True, with_username=True, with_password=True, email_address="a@example.com"
    )

    wire = clerk.call("GET", f"/users/{ada.id}")
    assert wire["phone_numbers"][0]["phone_number"].startswith("+1")
    assert ada.username
    assert ada.email == "a@example.com"
    clerk.call("POST", f"/users/{ada.id}/verify_password", {"password": PASSWORD})


def test_a_batch_of_a_thousand_is_made_whole_and_in_order(
    clerk: ClerkInstance, clerk_factories: Factories
) -> None:
    made = clerk_factories.user.create_batch(1000, last_name="Lovelace")

    assert len({user.id for user in made}) == 1000
    assert {user.id: user for user in clerk.users.all()} == {user.id: user for user in made}
    numbers = [int(str(user.email).split("+")[0].rsplit(".", 1)[1]) for user in made]
    assert numbers == list(range(1, 1001))


def test_a_batch_takes_its_parents_along(clerk: ClerkInstance, clerk_factories: Factories) -> None:
    sessions = clerk_factories.session.create_batch(20)
    memberships = clerk_factories.membership.create_batch(5, role="org:admin")

    assert len({session.user_id for session in sessions}) == 20
    assert {membership.role for membership in memberships} == {"org:admin"}
    types = Counter(message.event_type for message in clerk.messages.emitted())
    assert types["user.created"] == 25
    assert types["session.created"] == 20
    assert types["organization.created"] == types["organizationMembership.created"] == 5


def test_an_organization_has_its_creator_and_members(
    clerk: ClerkInstance, clerk_factories: Factories
) -> None:
    ada, bob = clerk_factories.user.create_batch(2)
    first = clerk_factories.organization(creator=ada, members=[bob])
    others = clerk_factories.organization.create_batch(3, members=2)

    roles = {member.user_id: member.role for member in clerk.organizations.members(first)}
    assert roles == {ada.id: "org:admin", bob.id: "org:member"}
    for organization in others:
        assert len(list(clerk.organizations.members(organization))) == 2
    assert clerk_factories.organization.create_batch(2)


def test_a_session_is_of_the_user_and_the_organization_that_are_given(
    clerk: ClerkInstance, clerk_factories: Factories
) -> None:
    ada = clerk_factories.user()
    engines = clerk_factories.organization(creator=ada)

    session = clerk_factories.session(user=ada, organization=engines)

    assert (session.user_id, session.organization_id) == (ada.id, engines.id)
    assert clerk.verify(clerk.sessions.token(session))["sub"] == ada.id


def test_nothing_is_sent_for_a_draft(clerk: ClerkInstance, clerk_factories: Factories) -> None:
    draft = clerk_factories.user.build(first_name="Ada")

    assert isinstance(draft, Draft)
    assert draft["first_name"] == "Ada"
    assert list(clerk.users.all()) == []


class AdminFactory(UserFactory):
    public_metadata: ClassVar = {"role": "admin"}
    last_name = "Admin"


class TeamFactory(OrganizationFactory):
    name = Faker("bs")

    @post_generation
    def tags(team: Any, create: bool, extracted: Any, **_: Any) -> None:  # noqa: N805 - factory-boy's form
        if create and extracted:
            TAGGED.append((team.name, extracted))


TAGGED: list[tuple[str, str]] = []


def test_factories_of_ones_own_work_bound_or_with_the_instance_given(
    clerk: ClerkInstance, clerk_factories: Factories
) -> None:
    admins = clerk_factories.bind(AdminFactory)

    made = [*admins.create_batch(2), admins(), AdminFactory(clerk=clerk)]

    assert {user.last_name for user in made} == {"Admin"}
    assert all(user.public_metadata == {"role": "admin"} for user in clerk.users.all())
    teams = TeamFactory.create_batch(2, clerk=clerk, tags="x")
    assert [name for name, _ in TAGGED] == [team.name for team in teams]


def test_a_factory_without_an_instance_says_what_to_do() -> None:
    for use in (UserFactory, UserFactory.build, SessionFactory):
        with pytest.raises(ConfigurationError, match="clerk_factories"):
            use()
    with pytest.raises(ConfigurationError, match="clerk="):
        UserFactory.create_batch(2)


def test_a_refusal_is_clerks(clerk: ClerkInstance, clerk_factories: Factories) -> None:
    with pytest.raises(ClerkRefusedError, match="color"):
        clerk_factories.user(color="red")
    with pytest.raises(ClerkRefusedError, match="color"):
        clerk_factories.user.create_batch(3, color="red")
    assert list(clerk.users.all()) == []


def test_the_same_seed_invents_the_same_people(clerk_server: ClerkServer) -> None:
    seen = []
    for seed in (1, 1, 2):
        clerk = clerk_server.new_instance()
        with Factories.seeded(clerk, seed) as factories:
            user = factories.user(with_phone=True)
            people = [user, *factories.user.create_batch(3), factories.organization()]
            delivery = factories.event.build()
        seen.append(
            (
                [(getattr(each, "email", None) or each.name) for each in people],
                delivery.data["id"],
                delivery.headers["svix-id"],
            )
        )
        clerk.remove()

    assert seen[0] == seen[1]
    assert seen[0] != seen[2]


def test_a_seed_leaves_the_draws_of_others_as_they_were(clerk: ClerkInstance) -> None:
    with seeded(5):
        names = [UserFactory.build(clerk=clerk)["first_name"] for _ in range(4)]
    with seeded(5):
        again = [UserFactory.build(clerk=clerk)["first_name"] for _ in range(2)]
        with seeded(9):
            UserFactory.build(clerk=clerk)
        again += [UserFactory.build(clerk=clerk)["first_name"] for _ in range(2)]

    assert again == names


def test_a_second_set_of_factories_for_the_same_instance_finds_free_addresses(
    clerk: ClerkInstance,
) -> None:
    for _ in range(2):
        with Factories.seeded(clerk, 1) as factories:
            factories.user.create_batch(3)
    again = ClerkInstance(clerk.server_url, clerk.keys)
    with Factories.seeded(again, 1) as factories:
        factories.user.create_batch(3)
    again.close()

    assert len(list(clerk.users.all())) == 9


@pytest.mark.parametrize("event_type", STORIES)
def test_a_signed_delivery_is_what_clerk_would_send(
    clerk: ClerkInstance, clerk_factories: Factories, event_type: str
) -> None:
    delivery = clerk_factories.event.build(type=event_type)

    Webhook(clerk.keys.webhook_secret).verify(delivery.body, dict(delivery.headers))
    assert delivery.type == event_type
    assert delivery.event["instance_id"] == clerk.keys.instance_id
    judge = event_judge()
    if judge is not None:
        assert list(judge.faults(delivery.event)) == []
    assert list(clerk.messages.emitted()) == []
    assert list(clerk.users.all()) == []


def test_a_delivery_can_be_made_wrong(clerk: ClerkInstance, clerk_factories: Factories) -> None:
    receiver = Webhook(clerk.keys.webhook_secret)
    stale = clerk_factories.event.build(signed_at=time.time() - 3600)
    foreign = clerk_factories.event.build(secret="whsec_" + "QUJD" * 8)
    changed = clerk_factories.event.build(data={"first_name": "Eve", "id": "user_1"})

    for wrong in (stale, foreign):
        with pytest.raises(WebhookVerificationError):
            receiver.verify(wrong.body, dict(wrong.headers))
    receiver.verify(changed.body, dict(changed.headers))
    assert (changed.data["first_name"], changed.data["id"]) == ("Eve", "user_1")


def test_an_event_is_emitted_by_the_instance(
    clerk: ClerkInstance, clerk_factories: Factories
) -> None:
    first, second = clerk_factories.event.create_batch(2, data={"id": "user_1"})
    other = clerk_factories.event(type="subscription.pastDue", data={"id": "csub_1"})

    assert [message.event_type for message in clerk.messages.emitted()] == [
        "user.created",
        "user.created",
        "subscription.pastDue",
    ]
    assert first.data["id"] == second.data["id"] == "user_1"
    assert first.data["email_addresses"]
    assert json.loads(other.payload)["data"] == {"id": "csub_1"}
    with pytest.raises(ConfigurationError, match=r"subscription\.pastDue"):
        clerk_factories.event.build(type="subscription.pastDue")


@pytest.mark.asyncio
async def test_a_batch_is_made_inside_a_running_loop(clerk_factories: Factories) -> None:
    assert len(clerk_factories.user.create_batch(10)) == 10
    assert len(await asyncio.to_thread(clerk_factories.session.create_batch, 3)) == 3


@pytest.mark.parametrize("missing", ["factory", "faker"])
def test_a_missing_library_is_told_in_one_line_with_the_extra(missing: str) -> None:
    code = f"""
import sys
sys.modules[{missing!r}] = None
try:
    import clerk_harness.factories
except ImportError as refusal:
    print(refusal)
"""

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout == (
        f"clerk_harness.factories needs {missing}, which is not installed: "
        "pip install 'clerk-harness[factories]'\n"
    )


def test_the_plugin_imports_no_factories_until_they_are_wanted() -> None:
    code = "import sys, clerk_harness.plugin as _; print({'factory', 'faker'} & {*sys.modules})"

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout == "set()\n"
