"""Where a request comes from: the bearer it carries, and whether our own pages sent it."""

from typing import Any

from flask import Request, Response, current_app

DEVICE_COOKIE = "shopbell_device"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE_LASTS_S = 400 * 86400  # the longest that browsers keep one


def device_cookie() -> str:
    """The cookie's name. The demo has one of its own: browsers share cookies between the ports of a machine,
    and looking at the demo must not end what this browser is for the real store."""
    return str(current_app.config.get("DEVICE_COOKIE", DEVICE_COOKIE))


def over_https() -> bool:
    """Whether the public address is https: only then may a cookie be `Secure`."""
    return (current_app.config["SHOPBELL"].public_url or "").startswith("https://")


def bearer(request: Request) -> str | None:
    """The bearer token that the request carries, if any."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def same_origin(request: Request, public_url: str | None = None) -> bool:
    """Whether a request that may change something was sent by our own pages.

    Plain HTTP on a LAN has no Sec-Fetch-Site, so Origin stands in. A bearer token is never sent by
    another site's page on its own, so the API needs neither.
    """
    if request.method in SAFE or bearer(request):
        return True
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    return is_ours(request.headers.get("Origin"), request.environ, public_url)


def is_ours(origin: str | None, environ: dict[str, Any], public_url: str | None) -> bool:
    """Whether an origin is that of our own pages: where the request itself went, or the public address.

    What an unnamed proxy claims does not count, nor any X-Forwarded-Host.
    """
    own = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}"
    return origin is not None and origin.lower() in (own.lower(), (public_url or own).lower())


def set_device(
    response: Response, token: str, path: str = "/", lasts_s: int | None = COOKIE_LASTS_S
) -> Response:
    """Makes the browser that gets this answer the device of that token.

    ``path`` is the part of the site for which it is that device; without ``lasts_s`` it ends when the browser
    is closed.
    """
    response.set_cookie(
        device_cookie(),
        token,
        max_age=lasts_s,
        path=path,
        httponly=True,
        samesite="Lax",
        secure=over_https(),
    )
    return response
