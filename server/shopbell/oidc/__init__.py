"""Signing in with a company account: OpenID Connect Core 1.0, the authorization code flow with PKCE.

The provider is that of the settings and no other. It is asked anew for each sign-in, of which a manager makes
one a shift: a key that it has withdrawn counts no more at once, and nothing has to be kept.
"""

from shopbell.oidc.flow import address, subject
from shopbell.oidc.proof import NotBelieved
from shopbell.oidc.provider import NoAnswer
from shopbell.oidc.trip import LASTS, Trip, begin, sealed, unsealed

__all__ = [
    "LASTS",
    "NoAnswer",
    "NotBelieved",
    "Trip",
    "address",
    "begin",
    "sealed",
    "subject",
    "unsealed",
]
