import pytest

from clerk_fake.model.restrictions.identifiers import read_identifier
from clerk_fake.model.restrictions.subaddresses import without_gmail_dots, without_subaddress


@pytest.mark.parametrize(
    ("listed", "identifier", "meant"),
    [
        ("ada@example.com", "ada@example.com", True),
        ("ada@example.com", "ada+x@example.com", False),
        ("*@example.com", "bob@example.com", True),
        ("*@example.com", "bob@sub.example.com", False),
        ("*@example.com", "bob@notexample.com", False),
        ("*@*.example.com", "bob@sub.example.com", True),
        ("*@*.example.com", "bob@deep.sub.example.com", True),
        ("*@*.example.com", "bob@example.com", False),
        ("*@*.example.com", "bob@subexample.com", False),
        ("ada*@example.com", "ada1@example.com", False),
        ("+15555550100", "+15555550100", True),
        ("+15555550100", "+15555550101", False),
    ],
)
def test_a_listed_identifier_means_whom_it_says(listed: str, identifier: str, meant: bool) -> None:
    assert read_identifier(listed).means(identifier) is meant


def test_a_blocked_address_means_its_subaddresses_too() -> None:
    blocked = read_identifier("ada.l@example.com")

    assert blocked.means_subaddress("ada.l+shop@example.com")
    assert blocked.means_subaddress("ada.l@example.com")
    assert not blocked.means_subaddress("adal@example.com")
    assert not blocked.means_subaddress("ada.l-shop@example.com")


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("ada+x@example.com", "ada@example.com"),
        ("ada=x+y@example.com", "ada@example.com"),
        ("ada#x@example.com", "ada@example.com"),
        ("ada-x@example.com", "ada-x@example.com"),
        ("ada-x@yahoo.com", "ada@yahoo.com"),
        ("ada-x@yahoo.co.uk", "ada@yahoo.co.uk"),
        ("ada-x@yahoo.com.br", "ada@yahoo.com.br"),
        ("ada-x@yahoo.fr", "ada@yahoo.fr"),
        ("ada-x@yahoo.dev", "ada-x@yahoo.dev"),
        ("ada-x@yahoo.example.com", "ada-x@yahoo.example.com"),
        ("+ada@example.com", "+ada@example.com"),
    ],
)
def test_a_subaddress_arrives_in_its_mailbox(address: str, mailbox: str) -> None:
    assert without_subaddress(address) == mailbox


def test_only_gmail_ignores_dots() -> None:
    assert without_gmail_dots("a.d.a@gmail.com") == "ada@gmail.com"
    assert without_gmail_dots("a.d.a@example.com") == "a.d.a@example.com"
