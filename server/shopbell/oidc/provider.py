"""What the provider answers: where things are, its keys, and the proof for a code.

Its issuer is named by whoever runs the server, so it may well be at home, on a private address: connections
to that host go wherever it is. All else that its own document then names is what somebody else says, and must
be outside, like a webhook. Nothing is redirected, and time and size are bounded.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from shopbell.config import Oidc, is_protected
from shopbell.notify import wire
from shopbell.notify.posting import connection_to, target_of

WELL_KNOWN = "/.well-known/openid-configuration"
MOST_BYTES = 256 * 1024
POST = "client_secret_post"


class NoAnswer(Exception):
    """The provider does not answer, or not as one does. The text is a short reason, without secrets."""


class Declined(Exception):
    """It answers, with an error of RFC 6749, section 5.2, such as ``invalid_grant``."""


@dataclass(frozen=True)
class Provider:
    """Its addresses. ``by_post`` if it takes a client's secret in the form, where all read it alike; in a
    header some decode what RFC 6749 encodes there, and some do not."""

    authorize: str
    token: str
    keys: str
    by_post: bool


def discover(oidc: Oidc) -> Provider:
    """Where things are, by OpenID Connect Discovery 1.0.

    Raises:
        NoAnswer: also if it is not about this issuer, or names an address that others could read.
    """
    said = _ask(oidc, oidc.issuer.rstrip("/") + WELL_KNOWN)
    if said.get("issuer") != oidc.issuer:
        raise NoAnswer("its document is about another issuer")
    endpoints = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    found = [str(said.get(name, "")) for name in endpoints]
    for name, url in zip(endpoints, found, strict=True):
        if not is_protected(url.partition("?")[0]):
            raise NoAnswer(f"its {name} is no https address")
    methods = said.get("token_endpoint_auth_methods_supported") or []
    authorize, token, keys = found
    return Provider(authorize, token, keys, by_post=POST in methods)


def fetch_keys(oidc: Oidc, provider: Provider) -> list[dict[str, Any]]:
    """The public keys by which its proofs are known; raises NoAnswer."""
    found = _ask(oidc, provider.keys).get("keys")
    return [key for key in found if isinstance(key, dict)] if isinstance(found, list) else []


def exchange(oidc: Oidc, provider: Provider, code: str, verifier: str, back: str) -> str:
    """The ID token for a code, which is used up by it.

    Raises:
        Declined: if the code is none, was used, or is another's.
        NoAnswer
    """
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    headers = {}
    if provider.by_post:
        form |= {"client_id": oidc.client_id, "client_secret": oidc.client_secret}
    else:  # each part is encoded as in a form first: RFC 6749, section 2.3.1
        known = f"{quote_plus(oidc.client_id)}:{quote_plus(oidc.client_secret)}"
        headers["Authorization"] = f"Basic {b64encode(known.encode()).decode()}"
    return str(_ask(oidc, provider.token, form, headers).get("id_token", ""))


def _ask(
    oidc: Oidc, url: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The JSON object that an address answers to a GET, or to a form."""
    at_home = urlsplit(url).netloc == urlsplit(oidc.issuer).netloc
    try:
        with wire.attempt(allow_private=at_home):
            status, body = _fetch(url, form, {"Accept": "application/json", **(headers or {})})
    except wire.Failed as failed:
        raise NoAnswer(failed.reason) from None
    found = _object(body)
    if form is not None and 400 <= status < 500 and isinstance(found.get("error"), str):
        raise Declined("".join(sign for sign in found["error"][:40] if sign.isalpha() or sign == "_"))
    if status != 200:
        raise NoAnswer(f"answered {status}")
    return found


def _fetch(url: str, form: Mapping[str, str] | None, headers: dict[str, str]) -> tuple[int, bytes]:
    parts = urlsplit(url)
    headers |= {"User-Agent": "Shopbell"}
    if form is not None:
        headers |= {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode(form).encode() if form is not None else None
    with closing(connection_to(parts)) as connection:
        connection.request("GET" if body is None else "POST", target_of(parts), body, headers)
        with connection.getresponse() as response:
            return response.status, _whole(response)


def _whole(response: HTTPResponse) -> bytes:
    body = response.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise wire.Failed("the answer is too long")
    return body


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
