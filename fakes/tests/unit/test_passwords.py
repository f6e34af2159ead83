import base64
import hashlib
from collections.abc import Iterator

import argon2
import bcrypt
import pytest

from clerk_fake.errors import ApiError
from clerk_fake.model.passwords.entity import (
    HASHERS,
    digest_password,
    import_password,
    password_matches,
)
from clerk_fake.model.passwords.rules import check_password

PBKDF2_SHA1 = "4b007901b765489abead49d926f721d065a429c1"  # RFC 6070, 4096 iterations
PBKDF2_SHA256 = "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a"
PBKDF2_SHA512 = (
    "d197b1b33db0143e018b12f3d1d1479e6cdebdcc97c5c0f87f6902e072f457b5"
    "143f30602641b3d55cd335988cb36b84376060ecd532e039b742a239434af2d5"
)
FIREBASE = (  # the example of Firebase's own scrypt utility, for "user1password"
    "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="
    "$42xEC+ixf3L2lw=="
    "$jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
    "$Bw==$8$14"
)


def md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def base64_of(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()


def symfony(password: str, salt: str, rounds: int) -> str:
    salted = f"{password}{{{salt}}}".encode()
    digest = hashlib.sha512(salted).digest()
    for _ in range(rounds - 1):
        digest = hashlib.sha512(digest + salted).digest()
    return f"sha512_symfony${rounds}${salt}${base64.b64encode(digest).decode()}"


def digests() -> Iterator[tuple[str, str, str]]:
    """Yield hasher, digest and password, made by other libraries or published."""
    quick = bcrypt.gensalt(4)
    sha256 = hashlib.sha256(b"password").hexdigest().encode()
    ssha = hashlib.sha1(b"password" + b"salt", usedforsecurity=False).digest() + b"salt"
    scrypt = hashlib.scrypt(b"password", salt=b"aSalt", n=1024, r=8, p=1, dklen=64).hex()
    yield "bcrypt", bcrypt.hashpw(b"password", quick).decode(), "password"
    yield "bcrypt", bcrypt.hashpw(b"p" * 72, quick).decode(), "p" * 90
    yield (
        "bcrypt_peppered",
        bcrypt.hashpw(b"passwordpepper", quick).decode() + "$pepper",
        "password",
    )
    yield (
        "bcrypt_sha256_django",
        f"bcrypt_sha256${bcrypt.hashpw(sha256, quick).decode()}",
        "password",
    )
    for hasher, kind in (("argon2i", argon2.Type.I), ("argon2id", argon2.Type.ID)):
        made = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1, type=kind)
        yield hasher, made.hash("password"), "password"
    yield "md5", "5F4DCC3B5AA765D61D8327DEB882CF99", "password"
    yield "sha256", sha256.decode(), "password"
    yield "ldap_ssha", "{SSHA}" + base64.b64encode(ssha).decode(), "password"
    yield "sha512_symfony", symfony("password", "s4lt", 50), "password"
    yield "pbkdf2_sha1", f"pbkdf2_sha1$4096$salt${PBKDF2_SHA1}$20", "password"
    salt = base64.b64encode(b"salt").decode()
    yield "pbkdf2_sha256", f"pbkdf2_sha256$4096${salt}${base64_of(PBKDF2_SHA256)}", "password"
    django = f"pbkdf2_sha256$4096$salt${base64_of(PBKDF2_SHA256)}"
    yield "pbkdf2_sha256_django", django, "password"
    yield "pbkdf2_sha512", f"pbkdf2_sha512$4096$salt${PBKDF2_SHA512}", "password"
    in_hex = f"pbkdf2_sha512_hex$4096${b'salt'.hex()}${PBKDF2_SHA512}"
    yield "pbkdf2_sha512_hex", in_hex, "password"
    yield "phpass", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", "test12345"
    yield "scrypt_firebase", FIREBASE, "user1password"
    yield "scrypt_werkzeug", f"scrypt:1024:8:1$aSalt${scrypt}", "password"


DIGESTS = list(digests())


def test_the_password_itself_is_not_kept() -> None:
    stored = digest_password("correct horse")

    assert "correct horse" not in repr(stored)
    assert stored != digest_password("correct horse")
    assert password_matches(stored, "correct horse")
    assert not password_matches(stored, "wrong horse")


@pytest.mark.parametrize(
    ("hasher", "digest", "password"), DIGESTS, ids=[hasher for hasher, _, _ in DIGESTS]
)
def test_a_digest_from_elsewhere_takes_its_password_and_no_other(
    hasher: str, digest: str, password: str
) -> None:
    stored = import_password(hasher, digest)

    assert password_matches(stored, password)
    assert not password_matches(stored, "Password")
    assert not password_matches(stored, "")


def test_a_phpass_digest_of_an_md5_digest_takes_the_password() -> None:
    inner = md5(b"password").hex()
    salt, rounds = b"IQRaTwmf", 2**7
    digest = md5(salt + inner.encode())
    for _ in range(rounds):
        digest = md5(digest + inner.encode())
    alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    bits = "".join(f"{byte:08b}"[::-1] for byte in digest)
    checksum = "".join(alphabet[int(bits[at : at + 6][::-1], 2)] for at in range(0, 128, 6))

    stored = import_password("md5_phpass", f"$P$5{salt.decode()}{checksum}")

    assert password_matches(stored, "password")
    assert not password_matches(stored, inner)


def test_every_hasher_is_tried() -> None:
    assert {hasher for hasher, _, _ in DIGESTS} | {"md5_phpass"} == set(HASHERS)


@pytest.mark.parametrize("hasher", sorted(HASHERS))
@pytest.mark.parametrize("digest", ["", "abc", "$2b$10$short", "a$b$c$d$e$f", "\u00e9" * 32])
def test_a_malformed_digest_is_refused_at_its_import(hasher: str, digest: str) -> None:
    with pytest.raises(ApiError) as refusal:
        import_password(hasher, digest)

    assert refusal.value.status == 422
    assert refusal.value.complaints[0].code == "form_password_digest_invalid_code"


@pytest.mark.parametrize(
    ("hasher", "digest"),
    [
        ("bcrypt", "$2b$31$" + "a" * 53),
        ("argon2id", "$argon2id$v=19$m=99999999,t=4,p=8$Z2liZXJyaXNo$iGXEpMBTDYQ8"),
        ("pbkdf2_sha512", f"pbkdf2_sha512$99999999$salt${PBKDF2_SHA512}"),
        ("pbkdf2_sha1", f"pbkdf2_sha1$4096$salt${PBKDF2_SHA1}"),
        ("scrypt_werkzeug", f"scrypt:1048576:99:9$salt${PBKDF2_SHA512}"),
        ("scrypt_werkzeug", f"scrypt:1000:8:1$salt${PBKDF2_SHA512}"),
        ("phpass", "$P$z" + "a" * 30),
        ("ldap_ssha", "{SSHA}" + base64.b64encode(bytes(20)).decode()),
        ("sha512_symfony", symfony("a", "b", 1).replace("$1$", "$0$")),
    ],
)
def test_a_digest_that_nobody_could_compute_is_refused(hasher: str, digest: str) -> None:
    with pytest.raises(ApiError) as refusal:
        import_password(hasher, digest)

    assert refusal.value.complaints[0].code == "form_password_digest_invalid_code"


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "length_too_short"),
        ("x" * 73, "length_too_long"),
        ("\u00fc" * 40, "size_in_bytes_exceeded"),
        ("Ada@Example.com", "matches_identifier"),
        ("Password123", "pwned"),
    ],
)
def test_a_bad_password_is_refused_with_the_reason(password: str, reason: str) -> None:
    with pytest.raises(ApiError) as refusal:
        check_password(password, pwned_too=True, identifiers=["ada@example.com"])

    assert refusal.value.complaints[0].code == f"form_password_{reason}"


def test_leaked_passwords_are_taken_when_nobody_looks_for_them() -> None:
    assert check_password("Password123", pwned_too=False) == "Password123"
