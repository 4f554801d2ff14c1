"""Codes that show that someone stands before a screen of the store: it changes every minute.

Pure: the server's secret and the time are arguments. A code is for one store and one minute; opening it makes
a form's proof, which is for one store, one form and half an hour.
"""

import hmac
from base64 import urlsafe_b64encode
from datetime import datetime
from hashlib import sha256

SLOT_S = 60
OLDER_SLOTS = 2  # a phone takes its time to open what it has read
FORM_LASTS_S = 1800
BYTES = 9  # 72 bits: short enough for a code read across a room, and nobody guesses one in three minutes


def code(secret: str, store_id: int, now: datetime) -> str:
    """What a screen's code carries in this minute."""
    return _code(secret, store_id, _slot(now))


def is_fresh(secret: str, store_id: int, code: str, now: datetime) -> bool:
    """Whether a screen of this store shows this code, or did up to two minutes ago."""
    slots = range(_slot(now) - OLDER_SLOTS, _slot(now) + 1)
    return any(_same(code, _code(secret, store_id, slot)) for slot in slots)


def form(secret: str, store_id: int, key: str, now: datetime) -> str:
    """The proof of a form that was opened by a fresh code.

    Args:
        key: what makes the form the only one of its kind: a join's idempotency key, a visit's token.
    """
    return _form(secret, store_id, key, str(int(now.timestamp())))


def is_good(secret: str, store_id: int, key: str, proof: str, now: datetime) -> bool:
    """Whether this proof is that of this form, and not older than half an hour."""
    opened, _, _ = proof.partition(".")
    if not (opened.isascii() and opened.isdigit() and len(opened) <= 12):
        return False
    is_in_time = 0 <= now.timestamp() - int(opened) <= FORM_LASTS_S
    return is_in_time and _same(proof, _form(secret, store_id, key, opened))


def _slot(now: datetime) -> int:
    return int(now.timestamp()) // SLOT_S


def _code(secret: str, store_id: int, slot: int) -> str:
    return _mac(secret, f"slot {store_id} {slot}")


def _form(secret: str, store_id: int, key: str, opened: str) -> str:
    return f"{opened}.{_mac(secret, f'form {store_id} {opened} {key}')}"


def _mac(secret: str, text: str) -> str:
    made = hmac.new(secret.encode(), text.encode("utf-8", "surrogatepass"), sha256).digest()
    return urlsafe_b64encode(made[:BYTES]).decode()


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), right.encode())
