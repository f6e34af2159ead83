"""The SAML half of a connection: what the identity provider told, and what it is told."""

import base64
import binascii
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated, Any, Final
from xml.etree import ElementTree as ET

from clerk_fake.errors import ApiError
from clerk_fake.jsontypes import Length
from clerk_fake.model.unset import UNSET, Unset, applied, given

__all__ = [
    "AttributeMapping",
    "AttributeMappingChange",
    "LoginHint",
    "Saml",
    "SamlChange",
    "certificate_dates",
    "change_saml",
]

METADATA: Final = "{urn:oasis:names:tc:SAML:2.0:metadata}"
SIGNATURE: Final = "{http://www.w3.org/2000/09/xmldsig#}"
LONGEST_METADATA: Final = 200_000
Document = Annotated[str, Length(1, LONGEST_METADATA)]


class LoginHintMode(StrEnum):
    """What the identity provider is told of who wants to sign in."""

    EMAIL_ADDRESS = "email_address"
    CUSTOM_ATTRIBUTE = "custom_attribute"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class LoginHint:
    """What the identity provider is told; ``source`` names the attribute of a custom one."""

    mode: LoginHintMode
    source: str | None = None


@dataclass(frozen=True, slots=True)
class AttributeMapping:
    """Under which names the identity provider sends what Clerk wants to know."""

    user_id: str = "user.id"
    email_address: str = "mail"
    first_name: str = "givenName"
    last_name: str = "surname"


@dataclass(frozen=True, slots=True)
class AttributeMappingChange:
    """Other names; what is ``UNSET`` stays."""

    user_id: str | Unset = UNSET
    email_address: str | Unset = UNSET
    first_name: str | Unset = UNSET
    last_name: str | Unset = UNSET


@dataclass(frozen=True, slots=True)
class Saml:
    """The SAML half of a connection; names are those of Clerk's API.

    Attributes:
        id: ``samlc_…``, known to the older operations.
        name: ``None`` for the connection's own.
    """

    id: str
    name: str | None = None
    idp_entity_id: str | None = None
    idp_sso_url: str | None = None
    idp_certificate: str | None = None
    idp_metadata_url: str | None = None
    idp_metadata: str | None = None
    attribute_mapping: AttributeMapping = field(default_factory=AttributeMapping)
    allow_subdomains: bool = False
    allow_idp_initiated: bool = False
    force_authn: bool = False
    login_hint: LoginHint = LoginHint(LoginHintMode.EMAIL_ADDRESS)

    @property
    def missing(self) -> tuple[str, ...]:
        """What must be known before users could be sent to the identity provider."""
        if self.idp_metadata_url:
            return ()
        needed = ("idp_entity_id", "idp_sso_url", "idp_certificate")
        return tuple(name for name in needed if not getattr(self, name))


@dataclass(frozen=True, slots=True)
class SamlChange:
    """What should become of it; what is ``UNSET`` stays."""

    name: Annotated[str, Length(1, 255)] | Unset | None = UNSET
    idp_entity_id: str | Unset | None = UNSET
    idp_sso_url: str | Unset | None = UNSET
    idp_certificate: Document | Unset | None = UNSET
    idp_metadata_url: str | Unset | None = UNSET
    idp_metadata: Document | Unset | None = UNSET
    attribute_mapping: AttributeMappingChange | Unset = UNSET
    allow_subdomains: bool | Unset = UNSET
    allow_idp_initiated: bool | Unset = UNSET
    force_authn: bool | Unset = UNSET
    login_hint: LoginHint | Unset = UNSET


def change_saml(saml: Saml, change: SamlChange) -> Saml:
    """Return it changed; metadata win over what was given one by one.

    Raises:
        ApiError: 422, a certificate or metadata cannot be read, or a custom login hint has no
            source.
    """
    mapping = given(change.attribute_mapping, AttributeMappingChange())
    changed = applied(saml, replace(change, attribute_mapping=UNSET))
    changed = replace(changed, attribute_mapping=applied(saml.attribute_mapping, mapping))
    hint = changed.login_hint
    if hint.mode is LoginHintMode.CUSTOM_ATTRIBUTE and not hint.source:
        raise ApiError.missing_param("login_hint.source")
    if not isinstance(change.idp_metadata, Unset) and change.idp_metadata is not None:
        changed = _with_metadata(changed, change.idp_metadata)
    if changed.idp_certificate is not None:
        certificate_dates(changed.idp_certificate)
    return changed


def certificate_dates(certificate: str) -> tuple[int, int]:
    """Return from when until when (ms) an X.509 certificate, PEM or bare base64, is valid.

    Raises:
        ApiError: 422, it is none.
    """
    from cryptography import x509  # noqa: PLC0415 - heavy, and seldom needed

    body = "".join(line for line in certificate.splitlines() if "-----" not in line)
    try:
        parsed = x509.load_der_x509_certificate(base64.b64decode(body, validate=True))
    except (binascii.Error, ValueError) as malformed:
        raise ApiError.of(
            422,
            "saml_connection_idp_certificate_invalid",
            "is invalid",
            "idp_certificate must be an X.509 certificate in PEM format.",
            param_name="idp_certificate",
        ) from malformed
    begin, end = parsed.not_valid_before_utc, parsed.not_valid_after_utc
    return round(begin.timestamp() * 1000), round(end.timestamp() * 1000)


def _with_metadata(saml: Saml, metadata: str) -> Saml:
    """Return it with what an identity provider's metadata file says."""
    try:
        # Expat 2.4 and newer refuses entity bombs, and external entities are never read.
        root = ET.fromstring(metadata)  # noqa: S314
    except (ET.ParseError, ValueError) as malformed:
        raise ApiError.of(
            422,
            "saml_failed_to_parse_idp_metadata",
            "Failed to parse IdP metadata",
            "We failed to parse the IdP metadata. "
            "If the error persists, please provide the IdP configuration data explicitly.",
            param_name="idp_metadata",
        ) from malformed
    sso = root.find(f".//{METADATA}SingleSignOnService")
    certificate = root.findtext(f".//{SIGNATURE}X509Certificate")
    found = {
        "idp_entity_id": root.get("entityID"),
        "idp_sso_url": None if sso is None else sso.get("Location"),
        "idp_certificate": None if certificate is None else "".join(certificate.split()),
    }
    missing = [name for name, value in found.items() if not value]
    if missing:
        raise ApiError.of(
            422,
            "saml_metadata_missing_fields",
            "IdP metadata is missing required fields",
            f"The IdP metadata is missing the following required fields: {', '.join(missing)}",
            param_name="idp_metadata",
            missing_fields=missing,
        )
    known: dict[str, Any] = {**found}
    return replace(saml, **known)
