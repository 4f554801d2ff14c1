"""Secrets: opaque tokens and codes kept as SHA-256, PINs and passwords kept as argon2id."""

import secrets
import sys
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

# No 0 O 1 I L: a code is read from one screen and typed into another. 8 of 31 are 39 bits.
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def own() -> str:
    """The server's own secret, made at its first start, by which it knows what it has signed.

    Raises:
        RuntimeError: in an application without one, whose signatures anyone could make.
    """
    key = current_app.secret_key
    if not isinstance(key, str) or not key:
        raise RuntimeError("this application has no secret")
    return key


def token() -> str:
    """256 random bits as text that fits in a URL, a cookie and a header."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What the database keeps of a token or code: they are random, so a plain hash hides them well enough."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def code() -> str:
    """A one-time code as it is shown: ``K7QM-4XPD``."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def plain(typed: str) -> str:
    """A typed code without what people add or leave out: case, spaces and dashes."""
    return "".join(char for char in typed.upper() if char.isalnum())


def hash_pin(pin: str) -> str:
    """The argon2id hash of a PIN; takes about 30 ms, so never inside a write transaction."""
    return str(_apart(_hasher.hash, pin))


def pin_matches(pin_hash: str, pin: str) -> bool:
    """Whether a PIN is the one that was hashed; takes about 30 ms."""
    try:
        return bool(_apart(_hasher.verify, pin_hash, pin))
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def hash_password(password: str) -> str:
    """The argon2id hash of a password, however its keyboard composes letters; as slow as a PIN's."""
    return hash_pin(normalize("NFKC", password))


def password_matches(password_hash: str, password: str) -> bool:
    """Whether a password is the one that was hashed."""
    return pin_matches(password_hash, normalize("NFKC", password))


def _apart(work: Callable[..., Any], *args: str) -> Any:
    # Under gevent a hash on the hub would stop every socket for its 30 ms: it goes to the thread pool.
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("threading"):
        return work(*args)
    return sys.modules["gevent"].get_hub().threadpool.apply(work, args)
