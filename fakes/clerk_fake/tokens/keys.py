"""RSA keys that sign session tokens.

Making an RSA-2048 key takes tens of milliseconds and an instance must be had in one, so one key
is made per server, off the critical path, and every instance publishes it under a ``kid`` of its
own. A token of one instance is refused by another's back end, because the ``kid`` is unknown there.
"""

import base64
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

__all__ = ["KeyPair", "NamedKey", "PublicJwk", "SharedKey", "base64url"]


def base64url(raw: bytes) -> bytes:
    """Return unpadded URL-safe base64, as JOSE wants it."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


@dataclass(frozen=True, slots=True)
class PublicJwk:
    """One public key, as ``/v1/jwks`` lists it."""

    use: str
    kty: str
    kid: str
    alg: str
    n: str
    e: str


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An RSA key pair, and its public half in the forms in which it is published.

    Attributes:
        private: Signs.
        public: Verifies.
        public_pem: For ``jwt_key`` options of the SDKs.
        modulus: ``n`` of the JSON Web Key.
        exponent: ``e`` of the JSON Web Key.
    """

    private: "RSAPrivateKey"
    public: "RSAPublicKey"
    public_pem: str
    modulus: str
    exponent: str


class SharedKey:
    """One RSA-2048 key for a whole server, made or read in the background on first demand.

    Args:
        private_pem: An earlier one, from ``private_pem``; ``None`` makes a new one.
        successor: The one that came after it; ``None`` makes a new one when it is asked for.
    """

    def __init__(
        self, private_pem: bytes | None = None, successor: "SharedKey | None" = None
    ) -> None:
        self._given = private_pem
        self._lock = threading.Lock()
        self._pair: Future[KeyPair] | None = None
        self._successor = successor

    @property
    def ready(self) -> bool:
        """Whether there is a key; nothing was signed before."""
        return self._pair is not None and self._pair.done()

    def prepare(self) -> Future[KeyPair]:
        """Start to make the key, without waiting for it."""
        with self._lock:
            if self._pair is None:
                self._pair = Future()
                threading.Thread(
                    target=_make_pair, args=(self._pair, self._given), name="rsa-key", daemon=True
                ).start()
            return self._pair

    def get(self) -> KeyPair:
        """Return the key; waits (some 100 ms at worst) when it is not ready yet."""
        return self.prepare().result()

    def private_pem(self) -> bytes:
        """Return the key in PEM, unencrypted."""
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - see below

        return self.get().private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def successor(self) -> "SharedKey":
        """Return the key that comes after this one, the same for all instances."""
        if self._successor is None:
            self._successor = SharedKey()
        return self._successor

    @property
    def known_successor(self) -> "SharedKey | None":
        """The key that comes after this one, if it was ever asked for."""
        return self._successor


class NamedKey:
    """An instance's view of a shared key: the same numbers under its own ``kid``.

    Args:
        kid: The key id; Clerk uses the instance id.
        shared: Where the numbers come from.

    Attributes:
        kid: As given.
        shared: As given.
    """

    def __init__(self, kid: str, shared: SharedKey) -> None:
        self.kid = kid
        self.shared = shared

    def sign(self, message: bytes) -> bytes:
        """Return the RS256 signature of ``message``."""
        from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415 - see below
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - see below

        return self.shared.get().private.sign(message, padding.PKCS1v15(), SHA256())

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether ``signature`` is this key's for ``message``."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - see below
        from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415 - see below
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - see below

        public = self.shared.get().public
        try:
            public.verify(signature, message, padding.PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True

    def public_pem(self) -> str:
        """Return the public key in PEM, for ``jwt_key`` options of the SDKs."""
        return self.shared.get().public_pem

    def public_jwk(self) -> PublicJwk:
        """Return the public key as a JSON Web Key."""
        pair = self.shared.get()
        return PublicJwk(
            use="sig", kty="RSA", kid=self.kid, alg="RS256", n=pair.modulus, e=pair.exponent
        )


def _make_pair(made: Future[KeyPair], given: bytes | None) -> None:
    # ``cryptography`` is imported late throughout: the server is ready before its first token.
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    try:
        if given is None:
            private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        else:
            private = _read_private(given)
        public = private.public_key()
        numbers = public.public_numbers()
        pem = public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        modulus, exponent = _base64url_number(numbers.n), _base64url_number(numbers.e)
        made.set_result(KeyPair(private, public, pem.decode(), modulus, exponent))
    except BaseException as failure:  # noqa: BLE001 - whoever waits must hear of it
        made.set_exception(failure)


def _read_private(pem: bytes) -> "RSAPrivateKey":
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - see above

    private = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError(f"the signing key is no RSA key but {type(private).__name__}")
    return private


def _base64url_number(number: int) -> str:
    return base64url(number.to_bytes((number.bit_length() + 7) // 8, "big")).decode()
