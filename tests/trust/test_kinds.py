"""What each kind of screen may call: this table, and nothing else."""

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from tests.auth.conftest import OURS, Shop
from tests.auth.counting import everything
from tests.conftest import FIGURE

from shopbell import floor, settings
from shopbell.auth.requests import DEVICE_COOKIE
from shopbell.live import screens
from shopbell.live.screens import Credential
from shopbell.settings import CONSOLE

# Kind -> what it may call, by endpoint; a star stands for all that begin so. A stranger may none.
MAY = {
    "tablet": ("staff.*", "battery.charge", "setup.*"),
    "phone": ("staff.*", "battery.charge", "setup.*"),
    "kiosk": ("kiosk.*", "battery.charge"),
    "display": ("battery.charge",),
    "browser": ("setup.*",),
    "api": ("api.*",),
    None: (),
}
MAY_NOT = {"phone": ("staff.lock",)}
# What everyone may call: each guards itself by a code or a link's token, or shows nothing of a store.
PUBLIC = {
    "here", "health.healthz", "health.metrics", "health.readyz", "api.read_openapi",
    "pair.ask", "pair.confirm", "pair.enrol", "pair.poll", "pair.show",
    "phone.ask", "phone.join", "phone.prove", "setup.make", "setup.sign_in", "setup.start",
    "status.describe", "status.here", "status.leave", "status.seen", "status.show",
    "static", "kiosk.static", "staff.static",
}  # fmt: skip
ENDING = {"staff.lock", "staff.sign_out", "setup.sign_out"}  # what ends what the caller is
SLOW = {"setup.all_posters"}  # printing takes seconds, and has tests of its own
BLANKS = {"<store>": "main", "<slug>": "none", "<question>": "zone", "<move>": "claim", "<alert>": "999",
          "<visit>": "999"}  # fmt: skip
IDS = ("visit", "alert", "person", "device", "channel")
Recorder = Callable[[str, object], None]


def routes(shop: Shop) -> list[tuple[str, str, str]]:
    """(endpoint, method, address) of everything that is not for everyone."""
    found = []
    for rule in shop.app.url_map.iter_rules():
        path = rule.rule
        for blank, word in {**BLANKS, **{f"<int:{name}_id>": "999" for name in IDS}}.items():
            path = path.replace(blank, word)
        assert rule.endpoint in PUBLIC or "<" not in path, path
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        found += [(rule.endpoint, method, path) for method in sorted(methods)]
    return sorted(each for each in found if each[0] not in PUBLIC)


def may(kind: str | None, endpoint: str) -> bool:
    def named(patterns: tuple[str, ...]) -> bool:
        return any(endpoint == one or (one[-1] == "*" and endpoint.startswith(one[:-1])) for one in patterns)

    return named(MAY[kind]) and not named(MAY_NOT.get(kind or "", ()))


class Callers:
    """Callers of each kind, with manager Max where people sign in, so that no role is in the way."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.max_ = shop, shop.world.ids["Max"]
        now = shop.world.now
        self.token = settings.create_token(shop.world.store, "manager", "Max", now, CONSOLE)

    def new(self, kind: str | None) -> FlaskClient:
        client = self.shop.browser()
        if kind == "browser":
            client.set_cookie(DEVICE_COOKIE, settings.open_browser(self.max_, "", self.shop.world.now))
        elif kind not in ("api", None):
            client = self.shop.device(str(kind), "Max" if kind == "phone" else None)
            if kind in ("tablet", "phone"):
                device_id = max(int(each["id"]) for each in settings.list_devices())
                floor.sign_in(self.shop.world.store, device_id, self.max_, self.shop.world.now)
        return client

    def headers(self, kind: str | None) -> dict[str, str]:
        return {**OURS, **({"Authorization": f"Bearer {self.token}"} if kind == "api" else {})}


def is_shut(client: FlaskClient, method: str, path: str, headers: dict[str, str]) -> bool:
    answer = client.open(path, method=method, headers=headers)
    return answer.status_code in (401, 403) or answer.location == "/pair"


@pytest.mark.parametrize("kind", MAY)
def test_a_kind_calls_what_its_table_says(shop: Shop, kind: str | None, record_property: Recorder) -> None:
    callers, known = Callers(shop), routes(shop)
    assert len(known) > 90
    client, headers = callers.new(kind), callers.headers(kind)
    closed = [route for route in known if not may(kind, route[0])]
    before = everything()
    for endpoint, method, path in closed:
        assert is_shut(client, method, path, headers), (kind, endpoint)
    assert everything() == before
    for endpoint, method, path in known:
        if may(kind, endpoint) and endpoint not in SLOW:
            caller = callers.new(kind) if endpoint in ENDING else client
            assert not is_shut(caller, method, path, headers), (kind, endpoint)
    record_property(FIGURE, f"{kind or 'stranger'}: {len(closed)} calls beyond its table, 0 let in")


def test_every_line_of_the_table_is_of_some_use(shop: Shop) -> None:
    endpoints = {endpoint for endpoint, _, _ in routes(shop)}
    everyones = {rule.endpoint for rule in shop.app.url_map.iter_rules()}
    assert everyones >= PUBLIC
    assert all(any(may(kind, each) for each in endpoints) for kind in MAY if kind)
    assert set(_nobodys(endpoints)) == set()


def _nobodys(endpoints: set[str]) -> Iterator[str]:
    yield from (each for each in endpoints if not any(may(kind, each) for kind in MAY))


@pytest.mark.parametrize("kind", [*MAY, "away"])
def test_only_screens_of_the_store_hear_what_happens(shop: Shop, kind: str | None) -> None:
    client = Callers(shop).new("kiosk" if kind == "away" else kind)
    shop.world.skips(hours=24 if kind == "away" else 0)
    cookie = client.get_cookie(DEVICE_COOKIE)
    heard = screens.identify(Credential("cookie", cookie.value if cookie else ""), shop.world.now)
    assert (heard is not None) == (kind in ("tablet", "phone", "kiosk", "display"))
