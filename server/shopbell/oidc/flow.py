"""To the provider and back: the address to send a browser to, and who it is that comes back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from hmac import compare_digest
from urllib.parse import urlencode

import structlog

from shopbell.config import Oidc
from shopbell.oidc import provider
from shopbell.oidc.proof import NotBelieved, subject_of
from shopbell.oidc.provider import Declined, NoAnswer
from shopbell.oidc.trip import Trip

log = structlog.get_logger()


def address(oidc: Oidc, trip: Trip, back: str) -> str:
    """Where the browser goes to sign in; ``back`` is where the provider sends it then.

    Raises:
        NoAnswer: from the provider.
    """
    asked = {
        "response_type": "code",
        "scope": "openid",  # who it is, and nothing about him
        "client_id": oidc.client_id,
        "redirect_uri": back,
        "state": trip.state,
        "nonce": trip.nonce,
        "code_challenge": trip.challenge,
        "code_challenge_method": "S256",
    }
    with _logged():
        url = provider.discover(oidc).authorize
    return f"{url}{'&' if '?' in url else '?'}{urlencode(asked)}"


def subject(oidc: Oidc, trip: Trip | None, said: Mapping[str, str], back: str, now: datetime) -> str:
    """Who has signed in there: his subject at this issuer.

    Args:
        trip: how this browser went there, None if it did not.
        said: what it brings back, as the address has it.

    Raises:
        NotBelieved: if the browser did not go this way, or the provider's proof does not hold.
        NoAnswer: from the provider.
    """
    with _logged():
        code = _code(oidc, trip, said)
        assert trip
        found = provider.discover(oidc)
        token = provider.exchange(oidc, found, code, trip.verifier, back)
        return subject_of(token, provider.fetch_keys(oidc, found), oidc, trip.nonce, now)


def _code(oidc: Oidc, trip: Trip | None, said: Mapping[str, str]) -> str:
    """The code that the browser brings back from the way that it was sent."""
    if trip is None:
        raise NotBelieved("not begun here, or long ago")
    if not compare_digest(said.get("state", "").encode(), trip.state.encode()):
        raise NotBelieved("state")
    if said.get("iss", oidc.issuer) != oidc.issuer:  # RFC 9207
        raise NotBelieved("iss")
    if not said.get("code"):
        raise NotBelieved("refused there")
    return said["code"]


@contextmanager
def _logged() -> Iterator[None]:
    """Logs why nobody is let in; never who it may have been."""
    try:
        yield
    except NoAnswer as error:
        log.warning("provider_does_not_answer", reason=str(error))
        raise
    except Declined as error:
        log.warning("company_account_not_believed", reason=str(error))
        raise NotBelieved(str(error)) from None
    except NotBelieved as error:
        log.warning("company_account_not_believed", reason=str(error))
        raise
