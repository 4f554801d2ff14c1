"""Another site's page can neither send our forms nor open our sockets, whatever it claims to be."""

from collections.abc import Callable
from itertools import product

import pytest
from flask.testing import FlaskClient
from tests.auth.counting import everything
from tests.conftest import FIGURE
from tests.trust.conftest import Shop

from shopbell import floor
from shopbell.auth.requests import DEVICE_COOKIE

HERE = "http://shop.lan:8080"
HOST = "shop.lan:8080"
ORIGINS = [
    "null", "http://evil.example", "https://evil.example", "http://evil.example:8080", "http://shop.lan",
    "http://shop.lan:80", "http://shop.lan:80800", "http://shop.lan:8081", "https://shop.lan:8080",
    "https://shop.lan", "ws://shop.lan:8080", "ftp://shop.lan:8080", "file://", "file://shop.lan:8080",
    f"http://{HOST}.evil.example", f"http://evil.example/{HOST}", f"http://evil.example?{HOST}",
    f"http://evil.example#{HOST}", f"http://{HOST}@evil.example", f"http://evil.example@{HOST}",
    f"http://user:pass@{HOST}", f"http://{HOST}:80", f"http://evil{HOST}", f"http://evil.{HOST}",
    f"http://xn--{HOST}", "http://ѕhop.lan:8080".encode().decode("latin-1"), "http://xn--hop-lfd.lan:8080",
    "http://SHOP.LAN.:8080", f"http://{HOST}/", f"http://{HOST}/evil", f"http://{HOST}?", f"http://{HOST}#",
    f"http://{HOST} http://evil.example", f"http://evil.example, http://{HOST}", f"http:/{HOST}",
    f"http:///{HOST}", f"//{HOST}", HOST, "http://[half", "http://[::1]:8080", "http://127.0.0.1:8080",
    "chrome-extension://shop.lan:8080", "http://shop.lan%3a8080", "http://shop.lan:8080\t", "*",
]  # fmt: skip
CLAIMS: list[dict[str, str]] = [
    {},
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
    {"X-Forwarded-Host": "evil.example:8080", "X-Forwarded-Proto": "http"},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Host": "null", "X-Forwarded-Port": "8080"},
    {"Forwarded": "host=evil.example;proto=https", "X-Original-Host": "evil.example"},
    {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Server": "evil.example", "X-Host": "evil.example"},
]
Claimed = list[dict[str, str]]


@pytest.fixture
def claimed() -> Claimed:
    return [{"Origin": origin, **claim} for origin, claim in product(ORIGINS, CLAIMS)]


@pytest.fixture
def tablet(shop: Shop) -> FlaskClient:
    """One on which Bo is signed in; its cookie comes along, as a browser would send it."""
    client = shop.device("tablet")
    cookie = client.get_cookie(DEVICE_COOKIE)
    assert cookie
    client.set_cookie(DEVICE_COOKIE, cookie.value, domain="shop.lan")
    floor.sign_in(shop.world.store, 1, shop.world.ids["Bo"], shop.world.now)
    return client


def test_no_other_origin_sends_our_forms(
    tablet: FlaskClient, claimed: Claimed, record_property: Callable[[str, object], None]
) -> None:
    before = everything()
    for headers in claimed:
        answer = tablet.post("/board/join", base_url=HERE, data={"line": "repairs"}, headers=headers)
        assert answer.status_code == 403, headers
    assert everything() == before
    record_property(FIGURE, f"{len(claimed)} forms with {len(ORIGINS)} foreign origins: 0 accepted")
    assert tablet.post(
        "/board/join", base_url=HERE, data={"line": "repairs"}, headers={"Origin": HERE}
    ).location


def test_no_other_origin_opens_a_socket(
    tablet: FlaskClient, claimed: Claimed, record_property: Callable[[str, object], None]
) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    for headers in claimed:
        answer = tablet.get("/socket.io/?EIO=4&transport=websocket", base_url=HERE, headers=upgrade | headers)
        assert answer.status_code == 400 and b"ot an accepted origin" in answer.data, headers
        assert "Access-Control-Allow-Origin" not in answer.headers
    record_property(FIGURE, f"{len(claimed)} sockets with {len(ORIGINS)} foreign origins: 0 opened")


SITES = ("cross-site", "same-site", "", "same-origin ", "SAME-ORIGIN", "none, same-origin")
PLAIN = (
    "text/plain",
    "text/plain; charset=utf-8",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
)


def test_a_form_that_pretends_to_be_json_changes_nothing(
    shop: Shop, tablet: FlaskClient, record_property: Callable[[str, object], None]
) -> None:
    """What a form of another site can send without being asked first: no header of its own but the type."""
    ann, before, tried = shop.world.joins(), everything(), 0
    paths = ("/api/v1/stores/main/visits", f"/api/v1/visits/{ann.id}/claim", f"/board/visits/{ann.id}/claim")
    for path, type_, site in product(paths, PLAIN, (*SITES, None)):
        headers = {"Content-Type": type_, "Origin": "http://evil.example"}
        headers |= {"Sec-Fetch-Site": site} if site is not None else {}
        answer = tablet.post(path, base_url=HERE, data=b'{"line": "repairs", "x": "="}', headers=headers)
        assert answer.status_code == (401 if "/api/" in path else 403), (path, headers)
        tried += 1
    assert everything() == before
    record_property(FIGURE, f"{tried} cross-site forms of plain text: 0 accepted")
