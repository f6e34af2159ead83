"""What the restrictions of an instance keep out, as the Backend API sees it."""

from collections.abc import Callable

import httpx
import pytest

Restrict = Callable[..., None]


@pytest.fixture
def restrict(bapi: httpx.Client) -> Restrict:
    """Switch restrictions on."""

    def switch(**restrictions: bool) -> None:
        bapi.patch("/instance/restrictions", json=restrictions).raise_for_status()

    return switch


def _create(bapi: httpx.Client, *addresses: str, **fields: object) -> httpx.Response:
    return bapi.post("/users", json={"email_address": addresses, **fields})


def _refused(answer: httpx.Response) -> bool:
    if answer.status_code == 200:
        return False
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "not_allowed_access")
    return True


def _allow(bapi: httpx.Client, identifier: str) -> None:
    bapi.post("/allowlist_identifiers", json={"identifier": identifier}).raise_for_status()


def _block(bapi: httpx.Client, identifier: str) -> None:
    bapi.post("/blocklist_identifiers", json={"identifier": identifier}).raise_for_status()


def test_lists_mean_nothing_until_they_are_switched_on(bapi: httpx.Client) -> None:
    _allow(bapi, "ada@example.com")
    _block(bapi, "bob@example.com")

    assert not _refused(_create(bapi, "bob@example.com"))


def test_an_allow_list_lets_in_only_whom_it_means(bapi: httpx.Client, restrict: Restrict) -> None:
    restrict(allowlist=True)
    assert _refused(_create(bapi, "ada@example.com"))
    _allow(bapi, "ada@example.com")
    _allow(bapi, "*@example.org")
    _allow(bapi, "+15555550100")

    assert not _refused(_create(bapi, "ADA@example.com", phone_number=["+1 555 555 0100"]))
    assert not _refused(_create(bapi, "anybody@example.org"))
    refused = _create(bapi, "bob@example.org", "bob@example.com", phone_number=["+15555550101"])
    assert _refused(refused)
    assert refused.json()["errors"][0]["meta"]["identifiers"] == [
        "bob@example.com",
        "+15555550101",
    ]
    assert _refused(_create(bapi, username="nobody"))
    assert bapi.get("/users/count").json()["total_count"] == 2


def test_who_was_invited_needs_no_allow_list(bapi: httpx.Client, restrict: Restrict) -> None:
    restrict(allowlist=True, blocklist=True)
    _block(bapi, "*@example.com")
    invitation = {"email_address": "ada@example.com"}
    bapi.post("/invitations", json=invitation).raise_for_status()

    assert not _refused(_create(bapi, "ada@example.com"))
    assert _refused(_create(bapi, "bob@example.com"))


def test_a_block_list_keeps_out_whom_it_means(bapi: httpx.Client, restrict: Restrict) -> None:
    restrict(blocklist=True)
    _block(bapi, "ada@example.com")
    _block(bapi, "*@*.example.org")
    _block(bapi, "+15555550100")

    assert _refused(_create(bapi, "ada@example.com"))
    assert _refused(_create(bapi, "ada+shop@example.com"))
    assert _refused(_create(bapi, "bob@sub.example.org"))
    assert _refused(_create(bapi, "bob@example.net", phone_number=["+15555550100"]))
    assert not _refused(_create(bapi, "bob@example.org"))
    assert not _refused(_create(bapi, username="nobody"))


def test_whoever_is_on_both_lists_is_let_in(bapi: httpx.Client, restrict: Restrict) -> None:
    restrict(allowlist=True, blocklist=True)
    _allow(bapi, "ada@example.com")
    _block(bapi, "*@example.com")

    assert not _refused(_create(bapi, "ada@example.com"))


def test_a_back_end_may_skip_the_restrictions(bapi: httpx.Client, restrict: Restrict) -> None:
    restrict(allowlist=True)

    assert not _refused(_create(bapi, "ada@example.com", skip_restriction_checks=True))


def test_one_mailbox_has_one_user(bapi: httpx.Client, restrict: Restrict) -> None:
    restrict(block_email_subaddresses=True)

    assert not _refused(_create(bapi, "ada+first@example.com"))
    assert _refused(_create(bapi, "ada+second@example.com"))
    assert _refused(_create(bapi, "ada@example.com"))
    assert not _refused(_create(bapi, "bob@example.com"))
    assert _refused(_create(bapi, "bob#x@example.com"))
    assert not _refused(_create(bapi, "a.d.a@gmail.com"))
    assert _refused(_create(bapi, "ada@gmail.com"))
    assert not _refused(_create(bapi, "b.o.b@example.com"))


def test_without_the_restriction_a_mailbox_has_many_users(
    bapi: httpx.Client, restrict: Restrict
) -> None:
    assert not _refused(_create(bapi, "ada+first@gmail.com"))
    assert not _refused(_create(bapi, "ada+second@gmail.com"))
    assert not _refused(_create(bapi, "a.da@gmail.com"))

    restrict(ignore_dots_for_gmail_addresses=True)

    assert _refused(_create(bapi, "ad.a@gmail.com"))
    assert not _refused(_create(bapi, "ada+third@gmail.com"))


def test_disposable_mailboxes_are_kept_out(
    bapi: httpx.Client, control: httpx.Client, restrict: Restrict
) -> None:
    restrict(block_disposable_email_domains=True)
    control.patch(
        "/settings", json={"restrictions": {"disposable_domains": ["example.org"]}}
    ).raise_for_status()

    assert _refused(_create(bapi, "ada@mailinator.com"))
    assert _refused(_create(bapi, "ada@example.org"))
    assert not _refused(_create(bapi, "ada@example.com"))


def test_countries_that_get_no_sms_have_no_users(bapi: httpx.Client) -> None:
    bapi.patch(
        "/instance/communication", json={"blocked_country_codes": ["DE", "US", "KZ"]}
    ).raise_for_status()

    def create(number: str) -> httpx.Response:
        return bapi.post("/users", json={"phone_number": [number]})

    assert _refused(create("+4930123456"))
    assert not _refused(create("+15555550100"))  # might be in Canada
    assert _refused(create("+77271234567"))
    assert not _refused(create("+74951234567"))
    user = _create(bapi, "ada@example.com").json()
    added = bapi.post("/phone_numbers", json={"user_id": user["id"], "phone_number": "+4930654321"})
    assert _refused(added)


def test_what_is_added_to_a_user_keeps_to_the_rules_for_addresses(
    bapi: httpx.Client, restrict: Restrict
) -> None:
    restrict(blocklist=True, block_email_subaddresses=True, block_disposable_email_domains=True)
    _block(bapi, "blocked@example.com")
    bob = _create(bapi, "bob@example.com").json()
    ada = _create(bapi, "ada@example.com").json()

    def add(address: str) -> httpx.Response:
        return bapi.post("/email_addresses", json={"user_id": ada["id"], "email_address": address})

    assert _refused(add("bob+x@example.com"))
    assert _refused(add("ada@mailinator.com"))
    assert not _refused(add("ada+x@example.com"))
    assert not _refused(add("blocked@example.com"))
    bapi.delete(f"/users/{bob['id']}").raise_for_status()
    assert not _refused(add("bob+x@example.com"))
