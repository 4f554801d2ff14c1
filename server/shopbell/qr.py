"""QR codes for phones, and the one thing that may be wrong with their address."""

import io
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import qrcode
from flask_babel import gettext
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.image.svg import SvgPathFillImage

QUIET = 4  # modules of white around the code, as ISO/IEC 18004 asks
LOCAL_NAMES = (".local", ".lan", ".internal", ".home.arpa", "localhost")


@lru_cache(maxsize=256)  # a kiosk reads its page anew every ten seconds, and one code takes 20 ms
def render(url: str, format: str) -> bytes:
    """The code for an address as "svg", "png" or "terminal" (text in UTF-8).

    Raises:
        ValueError: another format.
    """
    if format not in MAKERS:
        raise ValueError(f"A QR code comes as {', '.join(MAKERS)}, not as {format!r}.")
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=QUIET, box_size=10)
    code.add_data(url)
    return MAKERS[format](code)


def _svg(code: "qrcode.QRCode[Any]") -> bytes:
    return bytes(code.make_image(image_factory=SvgPathFillImage).to_string())


def _png(code: "qrcode.QRCode[Any]") -> bytes:
    file = io.BytesIO()
    code.make_image().save(file)
    return file.getvalue()


def _terminal(code: "qrcode.QRCode[Any]") -> bytes:
    text = io.StringIO()
    code.print_ascii(out=text, invert=True)
    return text.getvalue().replace("\xa0", " ").encode()


MAKERS: dict[str, Callable[["qrcode.QRCode[Any]"], bytes]] = {"svg": _svg, "png": _png, "terminal": _terminal}


def warning(public_url: str) -> str | None:
    """A sentence when a customer's phone may be unable to open this address, else None."""
    if is_private(public_url):
        return gettext(
            "%(url)s is a private address: a phone that is not on the store’s own network cannot open it. "
            "Set SHOPBELL_PUBLIC_URL to a public https address.",
            url=public_url,
        )
    if urlsplit(public_url).scheme != "https":
        return gettext(
            "%(url)s is plain http: others on the same network can read along, and some phones refuse it. "
            "Set SHOPBELL_PUBLIC_URL to an https address.",
            url=public_url,
        )
    return None


def is_private(public_url: str) -> bool:
    """Whether only phones on the store's own network can open this address."""
    host = urlsplit(public_url).hostname or ""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(LOCAL_NAMES)
