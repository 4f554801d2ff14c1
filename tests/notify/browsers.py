"""A browser as a push service knows it: it has an address and keys, and opens what is sent to it.

Written from RFC 8291, RFC 8188 and RFC 8292, and not from our code.
"""

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.notify.receivers import Request


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def plain(text: str) -> bytes:
    return urlsafe_b64decode(text + "===")


def hmac(key: bytes, data: bytes) -> bytes:
    mac = HMAC(key, SHA256())
    mac.update(data)
    return mac.finalize()


@dataclass
class Browser:
    """Its two keys, made as a browser makes them."""

    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def keys(self) -> str:
        return f"{b64(self.public)} {b64(self.auth)}"

    def opens(self, body: bytes) -> dict[str, Any]:
        """The message inside; cryptography.exceptions.InvalidTag if it is for another browser."""
        found: dict[str, Any] = json.loads(self.decrypts(body))
        return found

    def decrypts(self, body: bytes) -> bytes:
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size and len(body) <= 4096
        sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        key = hmac(self.auth, self.private.exchange(ec.ECDH(), sender))
        secret = hmac(key, b"WebPush: info\x00" + self.public + theirs + b"\x01")
        root = hmac(salt, secret)
        content_key = hmac(root, b"Content-Encoding: aes128gcm\x00\x01")[:16]
        nonce = hmac(root, b"Content-Encoding: nonce\x00\x01")[:12]
        text, _, padding = AESGCM(content_key).decrypt(nonce, sealed, None).rpartition(b"\x02")
        assert not padding.strip(b"\x00")
        return text


def vouched(request: Request, origin: str, now: datetime) -> tuple[bytes, dict[str, Any]]:
    """As a push service checks who sends: the sender's public key, and the claims that it has signed."""
    scheme, _, rest = request.headers["authorization"].partition(" ")
    given = dict(part.strip().split("=", 1) for part in rest.split(","))
    said, _, signature = given["t"].rpartition(".")
    raw = plain(signature)
    assert scheme == "vapid" and len(raw) == 64
    key = plain(given["k"])
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key).verify(
        utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:])),
        said.encode(),
        ec.ECDSA(SHA256()),
    )
    head, claims = (json.loads(plain(part)) for part in said.split("."))
    assert head == {"typ": "JWT", "alg": "ES256"}
    assert claims["aud"] == origin
    assert 0 < claims["exp"] - now.timestamp() <= 24 * 3600
    return key, claims
