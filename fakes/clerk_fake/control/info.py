"""What the control plane tells of an instance."""

from dataclasses import dataclass

from clerk_fake.instance import Instance

__all__ = ["InstanceInfo", "instance_info", "jwks_url"]


@dataclass(frozen=True, slots=True)
class InstanceInfo:
    """Everything that is needed to talk to an instance, or to pretend to be it.

    Attributes:
        instance_id: ``ins_…``, also the ``kid`` of its tokens.
        secret_key: For the Backend API.
        publishable_key: For front ends.
        webhook_secret: What its messages are signed with.
        issuer: ``iss`` of its tokens.
        jwks_url: Its public key, without authentication.
        api_url: Its Backend API, ``…/v1``.
        dashboard_url: A page for people.
        public_key_pem: Its public key.
    """

    instance_id: str
    secret_key: str
    publishable_key: str
    webhook_secret: str
    issuer: str
    jwks_url: str
    api_url: str
    dashboard_url: str
    public_key_pem: str


def instance_info(instance: Instance, base_url: str) -> InstanceInfo:
    """Return what is known of ``instance`` on the server at ``base_url``."""
    identity = instance.identity
    return InstanceInfo(
        instance_id=instance.id,
        secret_key=identity.secret_key,
        publishable_key=identity.publishable_key,
        webhook_secret=identity.webhook_secret,
        issuer=identity.issuer,
        jwks_url=jwks_url(instance),
        api_url=f"{base_url}/v1",
        dashboard_url=instance.dashboard_url,
        public_key_pem=instance.signing_key.public_pem(),
    )


def jwks_url(instance: Instance) -> str:
    """Return where the public key of ``instance`` is served without authentication."""
    return f"{instance.home_url}/.well-known/jwks.json"
