"""Which instance a request is for: the one whose secret key it carries."""

from clerk_fake.errors import ApiError
from clerk_fake.http.request import Request
from clerk_fake.instance import Instance
from clerk_fake.instances import Instances

__all__ = ["addressed_instance", "authenticate", "bearer_key"]


def authenticate(request: Request, instances: Instances) -> Instance:
    """Return the instance of ``Authorization: Bearer sk_test_…``.

    Raises:
        ApiError: 401, there is no such header or no such key.
    """
    secret_key = bearer_key(request)
    instance = instances.by_secret_key(secret_key)
    if instance is None:
        if secret_key.startswith("sk_live_") and not instances.live_keys:
            raise ApiError.live_key()
        raise ApiError.unauthenticated()
    return instance


def bearer_key(request: Request) -> str:
    """Return the key in ``Authorization: Bearer …``; an empty one when there is none."""
    scheme, _, key = request.headers.get("authorization").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def addressed_instance(request: Request, instances: Instances) -> Instance | None:
    """Return whom a request is for, by its path (as for public keys) or its secret key, if any."""
    try:
        if request.path.startswith("/i/"):
            return instances.get(request.params["instance_id"])
        return authenticate(request, instances)
    except ApiError:
        return None
