"""The provider's proof of who has signed in: an ID token, checked by OpenID Connect Core 1.0, 3.1.3.7."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shopbell.auth.accounts import LONGEST
from shopbell.config import Oidc

# Signatures by a private key alone: with HS256 the secret would be a key that everyone is shown, with "none"
# there is none.
SIGNED = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LEEWAY_S = 60  # for clocks that differ


class NotBelieved(Exception):
    """Nobody is known by what the browser has brought. The text is a short reason, for the log."""


def subject_of(token: str, keys: Sequence[dict[str, Any]], oidc: Oidc, nonce: str, now: datetime) -> str:
    """The subject of a token that this provider has made, for Shopbell, for this way to it, and not long ago.

    Raises:
        NotBelieved
    """
    claims = _signed(token, keys)
    _made_for_us(claims, oidc, nonce, now)
    subject = claims["sub"]
    if not 0 < len(subject) <= LONGEST:
        raise NotBelieved("sub")
    return str(subject)


def _signed(token: str, keys: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What a token says that one of these keys has signed."""
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        known = KeySet.import_key_set({"keys": [key for key in keys if key.get("use") != "enc"]})
        return jwt.decode(token, known, algorithms=SIGNED).claims
    except JoseError as error:
        raise NotBelieved(error.error) from None
    except (ValueError, TypeError, KeyError, AttributeError):  # what is no key, or no token at all
        raise NotBelieved("unreadable") from None


def _made_for_us(claims: dict[str, Any], oidc: Oidc, nonce: str, now: datetime) -> None:
    from joserfc.errors import JoseError
    from joserfc.jwt import JWTClaimsRegistry

    wanted: dict[str, Any] = {
        "iss": {"essential": True, "value": oidc.issuer},
        "aud": {"essential": True, "value": oidc.client_id},
        "nonce": {"essential": True, "value": nonce},
        "sub": {"essential": True},
        "exp": {"essential": True},
        "iat": {"essential": True},
    }
    try:
        JWTClaimsRegistry(int(now.timestamp()), LEEWAY_S, **wanted).validate(claims)
    except JoseError as error:
        raise NotBelieved(f"{error.error} {getattr(error, 'claim', '')}".strip()) from None
    _given_to_us(claims, oidc)


def _given_to_us(claims: dict[str, Any], oidc: Oidc) -> None:
    """A token that is for several says to which of them it was given."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else oidc.client_id) != oidc.client_id:
        raise NotBelieved("azp")
