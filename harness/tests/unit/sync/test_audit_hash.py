"""The hashes of the audit log can be recomputed by whoever reads its description."""

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from clerk_sync.store.audit import OWN, canonical_json

# Numbers as Clerk sends them; the exponents of very small ones are written in two ways.
_NUMBERS = st.integers(-(2**80), 2**80) | st.floats(0.001, 1e6)
_JSON = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.text(st.characters()),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(), part, max_size=3),
    max_leaves=8,
)


@dataclass(frozen=True, slots=True)
class Email:
    verified: bool
    email_address: str


@dataclass(frozen=True, slots=True)
class Profile:
    clerk_id: str
    emails: tuple[Email, ...]


@dataclass(frozen=True, slots=True)
class Stored(Profile):
    seq: int
    active: bool
    applied_svix_id: str


# What is the service's own is left out; Hypothesis knows these names from our sources.
@given(st.dictionaries(st.text().filter(lambda name: name not in OWN), _JSON))
def test_a_record_hashes_as_its_sorted_json(record: dict[str, Any]) -> None:
    described = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert canonical_json(record) == described.encode("utf-8", "surrogatepass")


@given(st.dictionaries(st.text(), _JSON, min_size=2))
def test_the_order_in_which_fields_came_does_not_matter(record: dict[str, Any]) -> None:
    assert canonical_json(dict(reversed(record.items()))) == canonical_json(record)


def test_a_stored_record_hashes_like_what_clerk_says_of_it() -> None:
    emails = (Email(verified=True, email_address="a@example.com"),)
    line = b'{"clerk_id":"user_1","emails":[{"email_address":"a@example.com","verified":true}]}'
    assert canonical_json(Profile("user_1", emails)) == line
    assert canonical_json(Stored("user_1", emails, 7, True, "msg_1")) == line


def test_what_orjson_does_not_write_hashes_by_the_same_rule() -> None:
    emails = (Email(verified=True, email_address="a@example.com"),)
    huge = {"clerk_id": "user_1", "emails": [], "seq": 7, "n": 2**80}
    assert canonical_json(huge) == b'{"clerk_id":"user_1","emails":[],"n":%d}' % 2**80
    broken = Stored("user_\ud800", emails, 7, True, "msg_1")
    assert b'"verified":true' in canonical_json(broken)
    assert b"seq" not in canonical_json(broken)
