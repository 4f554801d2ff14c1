"""Web push's own envelope: RFC 8291 seals a message for one browser, RFC 8292 (VAPID) says who sends it.

By `cryptography` alone. pywebpush would bring a second HTTP client and follow redirects, and what stands
beneath it (http-ece, sdist only; py-vapid) is what follows here, tested against the RFC's own example.
"""

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
# Of the curve's group, from FIPS 186-5.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
RECORD = 4096  # bytes; a push service takes no larger message
TEXT_BYTES = RECORD - 16 - 4 - 1 - 65 - 16 - 1  # what the header, the tag and the delimiter leave
LAST = b"\x02"
VOUCHED_FOR = timedelta(hours=12)  # the RFC allows a day

Key = ec.EllipticCurvePrivateKey


def seal(text: bytes, key: bytes, auth: bytes, own: Key | None = None, salt: bytes | None = None) -> bytes:
    """A message that only the browser with this public key (65 bytes) and secret (16 bytes) can open.

    Args:
        own, salt: made anew for each message; given only to repeat the RFC's example.

    Raises:
        ValueError: if the key is no point of the curve, or the text too long.
    """
    if len(text) > TEXT_BYTES:
        raise ValueError("too long for a push message")
    own, salt = own or ec.generate_private_key(CURVE), salt or os.urandom(16)
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, key))
    secret = _derive(shared, auth, b"WebPush: info\0" + key + point(own), 32)
    content_key = _derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(secret, salt, b"Content-Encoding: nonce\0", 12)
    header = salt + RECORD.to_bytes(4) + len(point(own)).to_bytes(1) + point(own)
    return header + AESGCM(content_key).encrypt(nonce, text + LAST, None)


def _derive(secret: bytes, salt: bytes | None, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def point(key: Key) -> bytes:
    """The public half: 65 bytes, uncompressed."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@cache
def server_key(seed: str) -> Key:
    """The server's own key pair, always the same of its seed: by extra random bits, FIPS 186-5 A.2.1."""
    drawn = int.from_bytes(_derive(seed.encode(), None, b"shopbell vapid", 48))
    return ec.derive_private_key(drawn % (ORDER - 1) + 1, CURVE)


def vouch(origin: str, key: Key, now: datetime, address: str) -> str:
    """The Authorization header for a push service: who sends, good for 12 hours there and nowhere else.

    Args:
        address: where whoever runs this can be found; told if it is https.
    """
    claims: dict[str, object] = {"aud": origin, "exp": int((now + VOUCHED_FOR).timestamp())}
    if address.startswith("https://"):
        claims["sub"] = address
    head = b64(json.dumps({"typ": "JWT", "alg": "ES256"}).encode())
    said = f"{head}.{b64(json.dumps(claims).encode())}"
    r, s = decode_dss_signature(key.sign(said.encode(), ec.ECDSA(hashes.SHA256())))
    return f"vapid t={said}.{b64(r.to_bytes(32) + s.to_bytes(32))}, k={b64(point(key))}"


def keys_of(secret: str) -> tuple[bytes, bytes]:
    """A browser's public key and secret, as they stand in the database.

    Raises:
        ValueError: if they are none.
    """
    key, auth = (plain(part) for part in secret.split())
    ec.EllipticCurvePublicKey.from_encoded_point(CURVE, key)
    if len(key) != 65 or len(auth) != 16:
        raise ValueError("not the keys of a browser")
    return key, auth


def b64(data: bytes) -> str:
    """As all of web push writes bytes: URL-safe base64 without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def plain(text: str) -> bytes:
    """What `b64` has written. Raises ValueError."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
