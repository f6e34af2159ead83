"""One instance of the fake Clerk: its keys, and everything a test does with it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Self

from clerk_harness.clerk.bulk import Post, post_all
from clerk_harness.clerk.delivery_faults import DeliveryFaults
from clerk_harness.clerk.endpoints import Endpoints
from clerk_harness.clerk.faults import Faults
from clerk_harness.clerk.messages import Messages
from clerk_harness.clerk.organizations import Organizations
from clerk_harness.clerk.sessions import Sessions
from clerk_harness.clerk.users import Users
from clerk_harness.clerk.wire import Wire

__all__ = ["ClerkInstance", "InstanceKeys"]


@dataclass(frozen=True)
class InstanceKeys:
    """What a service needs to know to use this instance as its Clerk.

    Attributes:
        api_url: Base of the Backend API, with ``/v1``.
        public_key_pem: For clients that verify tokens without a network (``CLERK_JWT_KEY``).
    """

    instance_id: str
    secret_key: str
    publishable_key: str
    webhook_secret: str
    issuer: str
    api_url: str
    jwks_url: str
    dashboard_url: str
    public_key_pem: str

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read the control plane's JSON."""
        return cls(**{name: wire[name] for name in cls.__dataclass_fields__})

    def env(self) -> dict[str, str]:
        """The variables under which Clerk's SDKs and their users look for these values."""
        return {
            "CLERK_SECRET_KEY": self.secret_key,
            "CLERK_PUBLISHABLE_KEY": self.publishable_key,
            "CLERK_WEBHOOK_SIGNING_SECRET": self.webhook_secret,
            "CLERK_WEBHOOK_SECRET": self.webhook_secret,
            "CLERK_API_URL": self.api_url.removesuffix("/v1"),
            "CLERK_JWKS_URL": self.jwks_url,
            "CLERK_ISSUER": self.issuer,
            "CLERK_JWT_KEY": self.public_key_pem,
        }


class ClerkInstance:
    """An instance of one's own, isolated from every other on the same server.

    Attributes:
        keys: Keys and URLs.
        server_url: Where its server listens, without a path.
        users: Create, change, ban and delete users.
        organizations: Create, change and delete organizations, and who belongs to them.
        sessions: Sign in, mint tokens.
        messages: What was emitted and how its delivery went.
        endpoints: Where webhooks go.
        faults: What goes wrong with Clerk's API.
        delivery_faults: What goes wrong with its webhooks.
    """

    def __init__(self, server_url: str, keys: InstanceKeys) -> None:
        self.keys = keys
        self.server_url = server_url
        self._api = Wire(keys.api_url, keys.secret_key)
        self._control = Wire(f"{server_url}/__fake__/instances/{keys.instance_id}")
        self.users = Users(self._api)
        self.organizations = Organizations(self._api)
        self.sessions = Sessions(self._api, self._control)
        self.messages = Messages(self._control)
        self.endpoints = Endpoints(self._control)
        self.faults = Faults(self._control)
        self.delivery_faults = DeliveryFaults(self._control)
        self._numbers: Iterator[int] | None = None

    def env(self) -> dict[str, str]:
        """Environment variables that lead a service to this instance."""
        return self.keys.env()

    def verify(self, token: str) -> dict[str, Any]:
        """Verify a session token as a service should, and return its claims.

        Its times are judged by the instance's clock; a service judges them by its own.

        Raises:
            jwt.InvalidTokenError: The signature, the issuer or the times are wrong.
        """
        import jwt  # noqa: PLC0415 - heavy, and most tests never verify themselves

        claims: dict[str, Any] = jwt.decode(
            token,
            self._public_key(jwt.get_unverified_header(token).get("kid")),
            algorithms=["RS256"],
            issuer=self.keys.issuer,
            options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
        )
        now = self.now_ms() / 1000
        if claims["exp"] <= now:
            raise jwt.ExpiredSignatureError("the token has expired")
        if claims["nbf"] > now:
            raise jwt.ImmatureSignatureError("the token is not valid yet")
        return claims

    def limit(self, *, enabled: bool = True, **limits: int | str | None) -> None:
        """Refuse from now on what Clerk would refuse as too much.

        Args:
            enabled: False lifts all limits.
            **limits: Single ones, such as ``users=3``; None lifts one. ``environment`` may be
                ``production``; see the table in the docs of the fake.
        """
        self._control.call("PUT", "/limits", {"enabled": enabled, **limits})

    def now_ms(self) -> int:
        """The instance's time, in milliseconds since the epoch."""
        return int(self._control.call("GET", "/clock")["now_ms"])

    def advance_clock(self, seconds: float) -> None:
        """Move the instance's time forward; what falls due is delivered at once."""
        self._control.call("POST", "/clock/advance", {"seconds": seconds})

    def seed(self, declared: str | Mapping[str, Any]) -> dict[str, dict[str, str]]:
        """Make what a seed file declares, all of it or nothing; see ``docs/seed.md``.

        Args:
            declared: The text of the file (YAML or JSON), or its content.

        Returns:
            The ids of its handles: section → handle → id.

        Raises:
            ClerkRefusedError: Something in it is wrong; the message names lines and fields.
        """
        text = declared if isinstance(declared, str) else json.dumps(declared)
        handles: dict[str, dict[str, str]] = self._control.post_text("/seed", text)["handles"]
        return handles

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send one request to the Backend API (``path`` without ``/v1``), return what it answers.

        Raises:
            ClerkRefusedError: Clerk refuses.
        """
        return self._api.call(method, path, body)

    def control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send one request to the instance's control plane: what people, banks and time do.

        Raises:
            ClerkRefusedError: The fake refuses.
        """
        return self._control.call(method, path, body)

    def post_all(self, posts: Sequence[Post]) -> list[Any]:
        """Send many requests to the Backend API, some at a time; answers come in their order.

        Raises:
            ClerkRefusedError: Clerk refused one; those before it were done, some after it as well.
        """
        return post_all(self.keys.api_url, self.keys.secret_key, posts)

    def next_number(self) -> int:
        """Return a number to invent data with: larger than all before, and than the users so far.

        So addresses that are made from it are free, unless users were deleted before this object
        was made.
        """
        if self._numbers is None:
            self._numbers = count(1 + int(self.call("GET", "/users/count")["total_count"]))
        return next(self._numbers)

    def reset(self) -> None:
        """Forget users, sessions, messages and endpoints, and set the clock right; keys stay."""
        self._control.call("POST", "/reset")

    def snapshot(self) -> Any:
        """Return the whole state as JSON, for :meth:`restore`."""
        return self._control.call("GET", "/snapshot")

    def restore(self, snapshot: Any) -> None:
        """Bring back a state that :meth:`snapshot` returned."""
        self._control.call("PUT", "/snapshot", snapshot)

    def remove(self) -> None:
        """Delete the instance from its server and close the connections."""
        instances = Wire(f"{self.server_url}/__fake__/instances")
        instances.call("DELETE", f"/{self.keys.instance_id}")
        instances.close()
        self.close()

    def _public_key(self, kid: str | None) -> Any:
        if kid == self.keys.instance_id:
            return self.keys.public_key_pem
        import jwt  # noqa: PLC0415 - as in verify

        key_set = jwt.PyJWKSet.from_dict(self._api.call("GET", "/jwks"))
        for key in key_set.keys:
            if key.key_id == kid:
                return key
        raise jwt.InvalidTokenError(f"no key {kid} is published")

    def close(self) -> None:
        """Close the connections; the instance lives on."""
        self._api.close()
        self._control.close()
