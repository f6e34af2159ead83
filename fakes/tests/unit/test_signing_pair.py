import base64
import json
import shutil
import subprocess
import sys
from time import time

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from svix.webhooks import Webhook

from clerk_fake.webhooks.signing import SigningPair, SigningSecret, signed_headers, signing_key

PAIR = (
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
)
PUBLIC = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
OTHERS_PUBLIC = base64.b64decode(PUBLIC.removeprefix("whpk_"))
PARTS = st.sampled_from(["id", "timestamp", "body"])

NODE_VERIFIES = """
const { createPublicKey, verify } = require("node:crypto");
const spki = Buffer.from("302a300506032b6570032100", "hex");
const cases = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map(({ key, signed, signature }) => {
  const der = Buffer.concat([spki, Buffer.from(key, "base64")]);
  const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
  return verify(null, Buffer.from(signed), publicKey, Buffer.from(signature, "base64"));
})));
"""


def test_the_pair_that_svix_documents_signs_as_svix_says() -> None:
    key = signing_key(PAIR)

    signature = key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')

    assert key.public_text == PUBLIC
    assert signature == (
        "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
    )


@settings(max_examples=500)
@given(
    seed=st.binary(min_size=32, max_size=32),
    message_id=st.text("abcXYZ019_", min_size=1),
    body=st.binary(),
    changed=PARTS,
)
def test_the_public_key_verifies_every_message_and_no_changed_one(
    seed: bytes, message_id: str, body: bytes, changed: str
) -> None:
    pair = SigningPair.of_seed(seed)
    again = signing_key(pair.text)
    public = Ed25519PublicKey.from_public_bytes(_decoded(pair.public_text, "whpk_"))

    signature = _decoded(again.sign(message_id, 1700000000, body), "v1a,")

    public.verify(signature, message_id.encode() + b".1700000000." + body)
    second = b".1700000001." if changed == "timestamp" else b".1700000000."
    other = (
        (message_id + ("x" if changed == "id" else "")).encode()
        + second
        + (body + b" " if changed == "body" else body)
    )
    with pytest.raises(InvalidSignature):
        public.verify(signature, other)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_node_verifies_what_was_signed_and_nothing_else() -> None:
    cases = []
    for number in range(20):
        pair = SigningPair.of_seed(bytes([number]) * 32)
        signature = pair.sign("msg_1", number, b"{}").removeprefix("v1a,")
        key = pair.public_text.removeprefix("whpk_")
        for body in ("{}", "[]"):
            signed = f"msg_1.{number}.{body}"
            cases.append({"key": key, "signed": signed, "signature": signature})

    done = subprocess.run(
        ["node", "-e", NODE_VERIFIES],  # noqa: S607 - whichever is there
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == [True, False] * 20


def test_a_receiver_of_the_first_kind_passes_over_signatures_of_the_second() -> None:
    secret = SigningSecret.of_bytes(b"k" * 24)
    keys = [signing_key(PAIR), secret]

    headers = signed_headers(keys, "msg_1", int(time()), b"{}")

    assert [entry.partition(",")[0] for entry in headers["svix-signature"].split(" ")] == [
        "v1a",
        "v1",
    ]
    Webhook(secret.text).verify(b"{}", headers)


NO_PAIRS = {
    "the public key": (PUBLIC, "whsk_"),
    "the pair of a torn copy": (PAIR[:-4], "64 bytes|base64"),
    "a seed alone": ("whsk_" + base64.b64encode(b"s" * 32).decode(), "64 bytes"),
    "another's public key": (
        "whsk_" + base64.b64encode(b"s" * 32 + OTHERS_PUBLIC).decode(),
        "not the secret key's own",
    ),
    "no base64": ("whsk_***", "base64"),
    "nothing": ("whsk_", "64 bytes"),
}


@pytest.mark.parametrize(("text", "reason"), NO_PAIRS.values(), ids=NO_PAIRS.keys())
def test_what_is_no_pair_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        signing_key(text)


def test_nothing_heavy_is_imported_for_secrets_of_the_first_kind() -> None:
    program = (
        "import sys; from clerk_fake.webhooks.signing import signing_key; "
        "signing_key('A' * 32).sign('msg_1', 1, b''); print(*sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert "cryptography" not in done.stdout.split()


def _decoded(text: str, prefix: str) -> bytes:
    assert text.startswith(prefix)
    return base64.b64decode(text.removeprefix(prefix), validate=True)
