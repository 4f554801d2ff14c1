"""One way to the provider and back. Its secrets travel in a signed cookie of the browser that goes it, so
that nobody can send another's browser back in his own name."""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from itsdangerous import BadSignature, URLSafeSerializer

from shopbell.auth.secrets import own

LASTS = timedelta(minutes=10)


@dataclass(frozen=True)
class Trip:
    """``state`` comes back with the browser, ``nonce`` in the provider's proof; ``verifier`` shows the
    provider that who fetches the proof is who began (RFC 7636). ``began`` is in Unix seconds.

    ``to`` is the page it is made for; ``person_id`` whom the account is to be linked to, None to sign in.
    """

    state: str
    nonce: str
    verifier: str
    began: int
    to: str
    person_id: int | None

    @property
    def challenge(self) -> str:
        """What the provider is told of the verifier at first: method S256."""
        hashed = sha256(self.verifier.encode()).digest()
        return urlsafe_b64encode(hashed).decode().rstrip("=")


def begin(to: str, person_id: int | None, now: datetime) -> Trip:
    """A new way, of which nobody can guess anything."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Trip(state, nonce, verifier, int(now.timestamp()), to, person_id)


def sealed(trip: Trip) -> str:
    """The way as text that only this server can have written."""
    return _signer().dumps(asdict(trip))


def unsealed(text: str, now: datetime) -> Trip | None:
    """The way of a sealed text; None if it is none of ours or ten minutes old."""
    try:
        trip = Trip(**_signer().loads(text))
    except (BadSignature, TypeError):
        return None
    return trip if 0 <= now.timestamp() - trip.began <= LASTS.total_seconds() else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(own(), salt="way to the provider")
