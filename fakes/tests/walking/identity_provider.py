"""An identity provider that nobody runs: its certificate and its metadata are real all the same."""

import base64
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

__all__ = ["VALID_FROM", "VALID_UNTIL", "identity_provider"]

VALID_FROM = datetime(2026, 1, 1, tzinfo=UTC)
VALID_UNTIL = datetime(2036, 1, 1, tzinfo=UTC)


@cache
def identity_provider() -> dict[str, str]:
    """Return entity id, sign-on URL, certificate (base64 of DER) and metadata (XML)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(VALID_UNTIL)
        .sign(key, SHA256())
    )
    text = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    metadata = f"""<md:EntityDescriptor entityID="https://idp.example/entity"
        xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">
      <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
        <md:KeyDescriptor use="signing">
          <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
            <ds:X509Certificate>{text}</ds:X509Certificate>
          </ds:X509Data></ds:KeyInfo>
        </md:KeyDescriptor>
        <md:SingleSignOnService Location="https://idp.example/sso"
          Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"/>
      </md:IDPSSODescriptor>
    </md:EntityDescriptor>"""
    return {
        "idp_entity_id": "https://idp.example/entity",
        "idp_sso_url": "https://idp.example/sso",
        "idp_certificate": text,
        "idp_metadata": metadata,
    }
