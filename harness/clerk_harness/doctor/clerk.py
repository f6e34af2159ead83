"""The Clerk that the service belongs to."""

import base64

from clerk_harness.clerk import ClerkRefusedError
from clerk_harness.clerk.wire import Wire
from clerk_harness.doctor.patient import Patient, UnhealthyError, require

__all__ = ["check_api", "check_keys"]

_UNAUTHORIZED = 401


def check_keys(patient: Patient) -> str:
    """Every key has the form that Clerk's clients demand."""
    keys = patient.deployment.clerk.keys
    require(keys.secret_key.startswith("sk_test_"), "the secret key is not one for tests")
    encoded = keys.publishable_key.removeprefix("pk_test_")
    host = base64.b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    require(
        host.endswith("$") and "." in host,
        f"the publishable key decodes to {host!r}",
        "it must be a host with a dot, and end in $",
    )
    signing = base64.b64decode(keys.webhook_secret.removeprefix("whsec_"), validate=True)
    return f"secret, publishable ({host[:-1]}), webhook ({8 * len(signing)} bit)"


def check_api(patient: Patient) -> str:
    """The Backend API answers to this secret key, and to no other."""
    keys = patient.deployment.clerk.keys
    users = Wire(keys.api_url, keys.secret_key).call("GET", "/users/count")
    try:
        Wire(keys.api_url, "sk_test_nobody").call("GET", "/users/count")
    except ClerkRefusedError as refused:
        require(refused.status == _UNAUTHORIZED, f"a wrong key is answered {refused.status}")
        return f"{keys.api_url} knows {users['total_count']} users and refuses a wrong key"
    raise UnhealthyError("a wrong secret key is accepted", "something else listens there")
