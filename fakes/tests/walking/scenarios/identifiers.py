"""E-mail addresses and phone numbers of users."""

from collections.abc import Mapping
from typing import Final

from walking.callers import Caller
from walking.scenarios.scenario import Scenario, has

__all__ = ["SCENARIOS"]


def email_addresses(call: Caller) -> None:
    user = call("CreateUser", body={"email_address": ["ada@example.com"]})
    email = call(
        "CreateEmailAddress",
        body={
            "user_id": user["id"],
            "email_address": "second+clerk_test@example.com",
            "verified": False,
            "primary": False,
            "notify_primary_email_address_changed": False,
        },
    )
    has(email, {"email_address": "second+clerk_test@example.com"})
    assert call("GetEmailAddress", email["id"]) == email
    prepared = call("PrepareEmailAddressVerification", email["id"])
    attempted = call(
        "AttemptEmailAddressVerification",
        email["id"],
        body={"verification_id": prepared["id"], "code": "424242"},
    )
    has(attempted, {"status": "verified"})
    changed = call(
        "UpdateEmailAddress",
        email["id"],
        body={"verified": True, "primary": True, "notify_primary_email_address_changed": False},
    )
    assert changed["verification"]["status"] == "verified"
    has(call("GetUser", user["id"]), {"primary_email_address_id": email["id"]})
    replaced = call(
        "ReplaceUserEmailAddress",
        user["id"],
        body={
            "email_address": "only@example.com",
            "identification_status": "verified",
            "notify_primary_email_address_changed": False,
        },
    )
    addresses = call("GetUser", user["id"])["email_addresses"]
    assert [address["email_address"] for address in addresses] == ["only@example.com"]
    extra = call(
        "CreateEmailAddress", body={"user_id": user["id"], "email_address": "x@example.com"}
    )
    has(call("DeleteEmailAddress", extra["id"]), {"id": extra["id"], "deleted": True})
    assert replaced


def phone_numbers(call: Caller) -> None:
    user = call("CreateUser", body={"phone_number": ["+15555550100"]})
    phone = call(
        "CreatePhoneNumber",
        body={
            "user_id": user["id"],
            "phone_number": "+15555550101",
            "verified": False,
            "primary": False,
            "reserved_for_second_factor": False,
        },
    )
    has(phone, {"phone_number": "+15555550101", "reserved_for_second_factor": False})
    assert call("GetPhoneNumber", phone["id"]) == phone
    prepared = call("PreparePhoneNumberVerification", phone["id"])
    attempted = call(
        "AttemptPhoneNumberVerification",
        phone["id"],
        body={"verification_id": prepared["id"], "code": "424242"},
    )
    has(attempted, {"status": "verified"})
    changed = call(
        "UpdatePhoneNumber",
        phone["id"],
        body={"verified": True, "primary": False, "reserved_for_second_factor": True},
    )
    has(changed, {"reserved_for_second_factor": True})
    call("UpdatePhoneNumber", phone["id"], body={"primary": True})
    has(call("GetUser", user["id"]), {"primary_phone_number_id": phone["id"]})
    call(
        "ReplaceUserPhoneNumber",
        user["id"],
        body={"phone_number": "+15555550102", "identification_status": "verified"},
    )
    numbers = call("GetUser", user["id"])["phone_numbers"]
    assert [number["phone_number"] for number in numbers] == ["+15555550102"]
    extra = call("CreatePhoneNumber", body={"user_id": user["id"], "phone_number": "+15555550103"})
    has(call("DeletePhoneNumber", extra["id"]), {"id": extra["id"], "deleted": True})


SCENARIOS: Final[Mapping[str, Scenario]] = {
    "Email Addresses": email_addresses,
    "Phone Numbers": phone_numbers,
}
