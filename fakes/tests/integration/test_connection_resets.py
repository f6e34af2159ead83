"""A connection that breaks in the middle of an answer, as seen on the wire and by clients."""

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.utils import BackoffStrategy, RetryConfig

if TYPE_CHECKING:
    from conftest import InstanceInfo

QUICKLY = RetryConfig("backoff", BackoffStrategy(1, 10, 1.5, 5_000), True)
NEVER = RetryConfig("none", BackoffStrategy(1, 1, 1, 1), False)


def _set(control: httpx.Client, **settings: Any) -> str:
    created = control.post("/faults", json={"kind": "connection_reset", **settings})
    return str(created.raise_for_status().json()["id"])


@dataclass(frozen=True)
class BytesOfUsers:
    """The list of users, as it comes over the wire."""

    url: httpx.URL
    secret_key: str

    def read(self) -> tuple[bytes, bool]:
        """All bytes of an answer, and whether the connection was reset after them."""
        headers = f"host: x\r\nauthorization: Bearer {self.secret_key}\r\n"
        received = b""
        with socket.create_connection((self.url.host, self.url.port or 80), 5) as connection:
            connection.sendall(f"GET /v1/users HTTP/1.1\r\n{headers}\r\n".encode())
            try:
                while chunk := connection.recv(65536):
                    received += chunk
            except ConnectionResetError:
                return received, True
        return received, False


@pytest.fixture
def bytes_of_users(instance: "InstanceInfo") -> BytesOfUsers:
    return BytesOfUsers(httpx.URL(instance.api_url), instance.secret_key)


@pytest.mark.parametrize(("share", "rest"), [(0, 1), (0.5, 0.5), (1, 0)])
def test_a_reset_breaks_off_in_the_body(
    bapi: httpx.Client,
    control: httpx.Client,
    bytes_of_users: BytesOfUsers,
    share: float,
    rest: float,
) -> None:
    for number in range(20):
        bapi.post("/users", json={"username": f"user_{number}"})
    _set(control, body_share=share)

    received, was_reset = bytes_of_users.read()

    assert was_reset
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    announced = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    missing = announced - len(body)
    assert missing == max(round(announced * rest), 1)


def test_a_reset_may_come_before_any_byte(
    control: httpx.Client, bytes_of_users: BytesOfUsers
) -> None:
    _set(control, head=False)

    assert bytes_of_users.read() == (b"", True)


@pytest.mark.parametrize("head", [True, False])
def test_after_a_reset_httpx_does_not_know_what_was_done(
    bapi: httpx.Client, control: httpx.Client, head: bool
) -> None:
    _set(control, head=head, method="POST")

    with pytest.raises(httpx.TransportError):
        bapi.post("/users", json={"username": "ada_l"})

    control.delete("/faults")
    assert [user["username"] for user in bapi.get("/users").json()] == ["ada_l"]


def test_the_official_client_retries_after_a_reset(clerk: Clerk, control: httpx.Client) -> None:
    ada = clerk.users.create(username="ada_l")
    fault = _set(control, times=2)

    with pytest.raises(httpx.TransportError):
        clerk.users.get(user_id=ada.id, retries=NEVER)
    assert clerk.users.get(user_id=ada.id, retries=QUICKLY).id == ada.id
    assert control.get(f"/faults/{fault}").json()["fired"] == 2
