import base64
import json

from clerk_fake.clock import Clock
from clerk_fake.tokens.jwt import read_jwt, sign_jwt
from clerk_fake.tokens.keys import SharedKey
from clerk_fake.tokens.signing_key import SigningKey
from clerk_fake.tokens.tickets import Ticket, read_ticket, sign_ticket, ticket_url

KEY = SigningKey("ins_1", SharedKey(), Clock())
TICKET = Ticket("invitation", "ins_1", "inv_1", 1_700_000_000, "https://example.com/welcome")


def test_a_ticket_says_what_was_signed() -> None:
    assert read_ticket(sign_ticket(TICKET, KEY), KEY) == TICKET


def test_a_ticket_that_was_tampered_with_says_nothing() -> None:
    head, payload, signature = sign_ticket(TICKET, KEY).split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(claims | {"sid": "inv_2"}).encode())

    assert read_ticket(f"{head}.{forged.decode().rstrip('=')}.{signature}", KEY) is None


def test_another_token_is_no_ticket() -> None:
    token = sign_jwt({"sub": "user_1"}, KEY)

    assert read_jwt(token, KEY) == {"sub": "user_1"}
    assert read_ticket(token, KEY) is None
    assert read_ticket("nonsense", KEY) is None


def test_a_link_leads_to_the_frontend_api() -> None:
    assert ticket_url("https://a.example", "t") == "https://a.example/v1/tickets/accept?ticket=t"
