"""A company account opens the set-up for whom it was linked to, and nobody else: against a real provider."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from tests.auth.conftest import OURS, Shop
from tests.auth.counting import everything
from tests.auth.provider import ANSWERS, DOCUMENTS, FAULTS, PEOPLE
from tests.auth.providing import Provider, provider
from tests.conftest import FIGURE
from tests.notify.receivers import http_receiver
from tests.staff.setup.conftest import signed_in
from tests.world import World
from werkzeug.test import TestResponse

from shopbell import floor, oidc, settings
from shopbell.auth import accounts, secrets
from shopbell.auth.requests import DEVICE_COOKIE
from shopbell.config import Config
from shopbell.db import engine
from shopbell.db.tables import events, people
from shopbell.settings import CONSOLE

PIN, PASSWORD = "246810", "correct horse battery"
MAX, DEE, EVE = PEOPLE
BEGIN, NOT_BELIEVED, DOWN = "/setup/company", "Please begin again", "does not answer"
Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    """The chain's provider, one process for all tests."""
    with provider() as found:
        yield found


@pytest.fixture
def chain(running: Provider) -> Provider:
    """The provider, behaving."""
    running.order()
    return running


@pytest.fixture
def shop(world: World, tmp_path: Path, chain: Provider) -> Shop:
    """Main Street as a store of a chain; Max has a password, and his company account is linked to him."""
    world.now = datetime.now(UTC)  # the provider lives in the real time
    environ = chain.environ | {"SHOPBELL_PUBLIC_URL": "http://localhost"}
    shop = Shop(world, Config.read(environ, data=tmp_path))
    settings.set_password(world.store, PASSWORD, world.now, world.who("Max"))
    links(shop, chain, "Max", MAX)
    return shop


def links(shop: Shop, chain: Provider, name: str, account: str) -> None:
    digest = accounts.digest(chain.issuer, PEOPLE[account])
    settings.link_account(shop.world.store, shop.world.ids[name], digest, shop.world.now, CONSOLE)


def comes_back(
    client: FlaskClient, chain: Provider, who: str = MAX, to: str = "", begin: str = BEGIN
) -> TestResponse:
    """The whole way: to the provider, signing in there, and what Shopbell makes of it."""
    gone = client.get(begin, query_string={"to": to})
    assert gone.status_code == 303, gone.text
    return client.get(_path(chain.signs_in(gone.location, who)))


def _path(address: str) -> str:
    assert address.startswith("http://localhost/setup/company/back?"), address
    return address.removeprefix("http://localhost")


def enters(client: FlaskClient, password: str = PASSWORD) -> int:
    form = {"name": "Max", "password": password}
    return client.post("/setup/sign-in", data=form, headers=OURS).status_code


def is_in(client: FlaskClient) -> bool:
    return client.get("/setup/lines").status_code == 200


def test_a_linked_account_opens_the_set_up(shop: Shop, chain: Provider) -> None:
    client = shop.browser()
    page = client.get("/setup/lines").text
    [begin] = re.findall(r'href="http://localhost(/setup/company[^"]*)"', page)
    assert "Sign in with your company account" in page and "Managers with a password" in page
    answer = client.get(_path(chain.signs_in(client.get(begin).location)))
    assert (answer.status_code, answer.location) == (303, "/setup/lines")
    assert is_in(client)
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if DEVICE_COOKIE in line)
    assert "HttpOnly" in cookie and "Max-Age" not in cookie
    assert {client.get(path).status_code for path in ("/board", "/kiosk", "/display")} == {403}


def test_the_way_there_says_no_more_than_it_must(shop: Shop, chain: Provider) -> None:
    client = shop.browser()
    gone = client.get(BEGIN)
    asked = {name: value for name, [value] in parse_qs(urlsplit(gone.location).query).items()}
    assert (asked["response_type"], asked["scope"]) == ("code", "openid")
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    assert asked["redirect_uri"] == "http://localhost/setup/company/back"
    assert min(len(asked["state"]), len(asked["nonce"])) >= 43
    [cookie] = [line for line in gone.headers.getlist("Set-Cookie") if "shopbell_company" in line]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Path=/setup/company", "Max-Age=600"))


def test_by_a_secret_in_the_form_where_the_provider_wants_it_there(shop: Shop, chain: Provider) -> None:
    chain.order(method="client_secret_post")
    client = shop.browser()
    assert comes_back(client, chain).status_code == 303 and is_in(client)


def test_an_account_that_is_linked_to_nobody_is_refused_in_a_sentence(shop: Shop, chain: Provider) -> None:
    client, before = shop.browser(), everything()
    answer = comes_back(client, chain, EVE)
    assert answer.status_code == 403
    assert "linked to nobody here" in answer.text and PEOPLE[EVE] in answer.text
    assert not is_in(client) and everything() == before


def test_the_same_subject_of_another_provider_is_another_one(shop: Shop, chain: Provider) -> None:
    world = shop.world
    settings.unlink_account(world.store, world.ids["Max"], world.now, CONSOLE)
    digest = accounts.digest("https://accounts.other.example", PEOPLE[MAX])
    settings.link_account(world.store, world.ids["Max"], digest, world.now, CONSOLE)
    assert comes_back(shop.browser(), chain).status_code == 403


def test_a_proof_that_does_not_hold_lets_nobody_in(
    shop: Shop, chain: Provider, capsys: pytest.CaptureFixture[str], record_property: Record
) -> None:
    before = everything()
    for fault in FAULTS:
        shop.world.skips(seconds=10)  # the network has its limit
        chain.order(fault=fault)
        client = shop.browser()
        answer = comes_back(client, chain)
        assert answer.status_code == 403 and NOT_BELIEVED in answer.text, fault
        assert not is_in(client) and everything() == before, fault
        logged = capsys.readouterr().out
        assert "company_account_not_believed" in logged and PEOPLE[MAX] not in logged
    record_property(FIGURE, f"{len(FAULTS)} kinds of ID tokens that do not hold: 0 believed")


CHANGED: list[dict[str, list[str]]] = [
    {"state": ["another"]},
    {"state": []},
    {"iss": ["https://accounts.other.example"]},
    {"code": [], "error": ["access_denied"]},
    {"code": []},
    {"code": ["guessed"]},
]


def test_what_the_browser_brings_back_must_be_what_it_went_for(shop: Shop, chain: Provider) -> None:
    before = everything()
    for change in CHANGED:
        client = shop.browser()
        said = parse_qs(urlsplit(chain.signs_in(client.get(BEGIN).location)).query)
        answer = client.get("/setup/company/back", query_string=said | change)
        assert answer.status_code == 403 and NOT_BELIEVED in answer.text, change
        assert not is_in(client) and everything() == before, change


def test_only_the_browser_that_went_comes_back(shop: Shop, chain: Provider) -> None:
    victim, thief = shop.browser(), shop.browser()
    back = _path(chain.signs_in(victim.get(BEGIN).location))
    assert thief.get(back).status_code == 403 and not is_in(thief)
    thief.get(BEGIN)  # a way of his own
    assert thief.get(back).status_code == 403 and not is_in(thief)
    assert victim.get(back).status_code == 303


def test_a_code_is_good_once(shop: Shop, chain: Provider) -> None:
    client = shop.browser()
    gone = client.get(BEGIN)
    back = _path(chain.signs_in(gone.location))
    kept = client.get_cookie("shopbell_company", path="/setup/company")
    assert kept and client.get(back).status_code == 303
    client.post("/setup/sign-out", headers=OURS)
    assert client.get(back).status_code == 403  # the way is over
    client.set_cookie("shopbell_company", kept.value, path="/setup/company")
    assert client.get(back).status_code == 403 and not is_in(client)  # and so is the code


def test_a_way_takes_ten_minutes_at_the_most(shop: Shop, chain: Provider) -> None:
    client = shop.browser()
    back = _path(chain.signs_in(client.get(BEGIN).location))
    shop.world.skips(minutes=10, seconds=1)
    assert client.get(back).status_code == 403


def test_a_forged_way_is_none(shop: Shop, chain: Provider) -> None:
    with shop.app.app_context():
        good = oidc.sealed(oidc.begin("", shop.world.ids["Max"], shop.world.now))
    forged = [good[:-1] + ("A" if good[-1] != "A" else "B"), good.partition(".")[0], "", "x", "W10.x"]
    for cookie in forged:
        client = shop.browser()
        client.set_cookie("shopbell_company", cookie, path="/setup/company")
        assert client.get("/setup/company/back?code=x&state=x").status_code == 403


WHY = {
    "another's document": "about another issuer",
    "token inside": "127.0.0.1 is not a public address",
    "plain http": "token_endpoint is no https address",
    "redirect": "answered 302",
    "fault": "answered 500",
    "endless": "the answer is too long",
    "no object": "decode_error",
}


def test_a_provider_that_answers_nonsense_is_none(
    shop: Shop, chain: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    for fault in (*DOCUMENTS, *ANSWERS):
        client = shop.browser()
        chain.order()
        gone = client.get(BEGIN)
        chain.order(fault=fault)
        answer = client.get(_path(chain.signs_in(gone.location)))
        refused = NOT_BELIEVED if fault == "no object" else DOWN
        assert refused in answer.text and not is_in(client), fault
        assert WHY[fault] in capsys.readouterr().out, fault


def test_what_its_document_names_elsewhere_must_be_outside(shop: Shop, chain: Provider) -> None:
    """The issuer may be at home; where else it says to go may not: nothing is heard there."""
    with http_receiver() as honeypot:
        client = shop.browser()
        gone = client.get(BEGIN)
        chain.order(fault="token inside", inside=honeypot.url)
        assert DOWN in client.get(_path(chain.signs_in(gone.location))).text
        assert honeypot.requests == []


def test_signing_in_leads_nowhere_else(shop: Shop, chain: Provider) -> None:
    for to in ("https://evil.example", "//evil.example", "/\\evil.example", "/setup\\", "/board", BEGIN):
        assert comes_back(shop.browser(), chain, to=to).location == "/setup"


def test_without_the_provider_a_password_works_all_the_same(world: World, tmp_path: Path) -> None:
    environ = {
        "SHOPBELL_OIDC_ISSUER": "http://127.0.0.1:9",
        "SHOPBELL_OIDC_CLIENT_ID": "shopbell",
        "SHOPBELL_OIDC_CLIENT_SECRET": "secret",
        "SHOPBELL_PUBLIC_URL": "http://localhost",
    }
    shop = Shop(world, Config.read(environ, data=tmp_path))
    settings.set_password(world.store, PASSWORD, world.now, world.who("Max"))
    client = shop.browser()
    answer = client.get(BEGIN)
    assert answer.status_code == 503 and DOWN in answer.text and "Managers with a password" in answer.text
    assert enters(client) == 303 and is_in(client)
    linking = client.post("/setup/company/link", data={"pin": PASSWORD}, headers=OURS)
    assert linking.status_code == 503 and DOWN in linking.text


def test_where_there_are_no_company_accounts_none_are_offered(world: World, tmp_path: Path) -> None:
    shop = Shop(world, Config.read({}, data=tmp_path))
    settings.set_password(world.store, PASSWORD, world.now, world.who("Max"))
    client = shop.browser()
    assert "company account" not in client.get("/setup").text
    assert {client.get(path).status_code for path in (BEGIN, f"{BEGIN}/back")} == {404}
    enters(client)
    assert "company account" not in client.get("/setup/password").text
    assert client.post("/setup/company/link", data={"pin": PASSWORD}, headers=OURS).status_code == 422


# Linking: who is here by password or PIN, and shows it again.


def links_by_hand(
    send: Callable[[str, dict[str, str]], TestResponse], client: FlaskClient, chain: Provider, who: str
) -> TestResponse:
    page = send("/setup/company/link", {"pin": PIN})
    [address] = re.findall(r'href="(http://127[^"]+)"', page.text)
    return client.get(_path(chain.signs_in(address.replace("&amp;", "&"), who)))


@pytest.fixture
def unlinked(shop: Shop) -> Shop:
    """Nobody's account is linked; everyone has a PIN."""
    settings.unlink_account(shop.world.store, shop.world.ids["Max"], shop.world.now, CONSOLE)
    with engine.begin() as conn:
        conn.execute(people.update().values(pin_hash=secrets.hash_pin(PIN)))
    return shop


def test_a_manager_links_his_own_account_and_signs_in_with_it(unlinked: Shop, chain: Provider) -> None:
    assert comes_back(unlinked.browser(), chain).status_code == 403
    client = unlinked.browser()
    enters(client)
    answer = client.post("/setup/company/link", data={"pin": PASSWORD}, headers=OURS)
    assert "the account is linked to Max" in answer.text
    [address] = re.findall(r'href="(http://127[^"]+)"', answer.text)
    back = client.get(_path(chain.signs_in(address.replace("&amp;", "&"))))
    assert (back.status_code, back.location) == (303, "/setup/password?saved=1")
    assert "It is linked" in client.get("/setup/password").text
    other = unlinked.browser()
    assert comes_back(other, chain).status_code == 303 and is_in(other)


@pytest.mark.parametrize("shown", ["", "000000", PASSWORD])
def test_a_tablet_left_open_links_nobody_elses_account(unlinked: Shop, chain: Provider, shown: str) -> None:
    tablet = signed_in(unlinked)("Max")
    answer = tablet.sends("/setup/company/link", pin=shown)
    assert answer.status_code == 422 and chain.issuer not in answer.text
    assert kept() == set()


def kept() -> set[str]:
    with engine.read() as conn:
        return set(conn.scalars(select(people.c.account_hash).where(people.c.account_hash.is_not(None))))


def test_whoever_is_here_by_then_gets_nobody_elses_account(unlinked: Shop, chain: Provider) -> None:
    tablet = signed_in(unlinked)("Max")
    page = tablet.sends("/setup/company/link", pin=PIN).text
    [address] = re.findall(r'href="(http://127[^"]+)"', page)
    world = unlinked.world
    mia = settings.add_person(world.store, "Mia", world.now, CONSOLE, role="manager", pin="135791")
    device = max(int(each["id"]) for each in settings.list_devices())
    tablet.sends("/board/sign-out")
    floor.sign_in(world.store, device, mia, world.now)
    answer = tablet.opens(_path(chain.signs_in(address.replace("&amp;", "&"))))
    assert answer.status_code == 403 and kept() == set()


def test_an_account_is_one_persons_and_a_person_has_one(shop: Shop, chain: Provider) -> None:
    with engine.begin() as conn:
        conn.execute(people.update().values(pin_hash=secrets.hash_pin(PIN)))
    settings.add_person(shop.world.store, "Mia", shop.world.now, CONSOLE, role="manager", pin="135791")
    before = kept()
    for person, pin, account in (("Mia", "135791", MAX), ("Max", PIN, EVE)):
        shop.world.ids.setdefault("Mia", max(int(p["id"]) for p in settings.list_people(shop.world.store)))
        tablet = signed_in(shop)(person)
        page = tablet.sends("/setup/company/link", pin=pin).text
        [address] = re.findall(r'href="(http://127[^"]+)"', page)
        answer = tablet.opens(_path(chain.signs_in(address.replace("&amp;", "&"), account)))
        assert answer.status_code == 422 and "linked" in answer.text
    assert kept() == before


# What ends it.


@pytest.mark.parametrize("end", ["sign-out", "unlink", "pin", "password", "role", "removal", "shift"])
def test_it_ends_like_any_other(shop: Shop, chain: Provider, end: str) -> None:
    world, client, bystander = shop.world, shop.browser(), shop.browser()
    settings.add_person(world.store, "Mia", world.now, CONSOLE, role="manager")
    links(shop, chain, "Dee", DEE)
    comes_back(client, chain), comes_back(bystander, chain, DEE)
    assert is_in(client) and bystander.get("/supervisor").status_code == 200
    max_ = world.ids["Max"]

    def becomes(role: str, pin: str | None = None) -> None:
        settings.change_person(world.store, max_, settings.Someone("Max", role, pin), world.now, CONSOLE)

    {
        "sign-out": lambda: client.post("/setup/sign-out", headers=OURS),
        "unlink": lambda: settings.unlink_account(world.store, max_, world.now, CONSOLE),
        "pin": lambda: becomes("manager", "135790"),
        "password": lambda: settings.set_password(world.store, PASSWORD + "!", world.now, world.who("Max")),
        "role": lambda: becomes("associate"),
        "removal": lambda: settings.remove_person(world.store, max_, world.now, CONSOLE),
        "shift": lambda: world.skips(hours=16),
    }[end]()
    assert not is_in(client) and client.get("/supervisor").status_code in (303, 403)
    if end != "shift":
        assert bystander.get("/supervisor").status_code == 200
    if end in ("unlink", "role", "removal"):
        assert comes_back(shop.browser(), chain).status_code == 403


def test_who_was_removed_leaves_the_account_to_who_he_becomes(shop: Shop, chain: Provider) -> None:
    world = shop.world
    settings.add_person(world.store, "Mia", world.now, CONSOLE, role="manager")
    settings.remove_person(world.store, world.ids["Max"], world.now, CONSOLE)
    world.ids["Max"] = settings.add_person(world.store, "Max", world.now, CONSOLE, role="manager")
    assert comes_back(shop.browser(), chain).status_code == 403
    links(shop, chain, "Max", MAX)
    assert comes_back(shop.browser(), chain).status_code == 303


# Supervisors, on a phone of their own.


def test_a_supervisor_sees_her_alerts_and_sets_nothing_up(shop: Shop, chain: Provider) -> None:
    links(shop, chain, "Dee", DEE)
    phone = shop.browser()
    assert "/setup/company?to=%2Fsupervisor" in phone.get("/pair").text
    answer = comes_back(phone, chain, DEE, to="/setup/lines")
    assert (answer.status_code, answer.location) == (303, "/supervisor")
    visit = shop.world.joins()
    shop.world.passes(minutes=11)
    page = phone.get("/supervisor").text
    [alert] = re.findall(r"/supervisor/alerts/\d+/acknowledge", page)
    assert phone.get(f"/board/visits/{visit.id}").status_code == 200
    assert phone.post(alert, headers=OURS).status_code == 303
    assert "Dee is going" in phone.get("/supervisor").text
    assert phone.get("/setup/lines").status_code == phone.get("/board").status_code == 403
    assert phone.post(f"/board/visits/{visit.id}/claim", headers=OURS).status_code == 403
    for path in ("/supervisor", "/setup"):
        assert 'action="/setup/sign-out"' in phone.get(path).text
    assert phone.post("/setup/sign-out", headers=OURS).status_code == 303
    assert phone.get("/supervisor").location == "/pair"


def test_an_associate_has_no_use_for_one(shop: Shop, chain: Provider) -> None:
    links(shop, chain, "Bo", EVE)
    client = shop.browser()
    answer = comes_back(client, chain, EVE)
    assert answer.status_code == 403 and "neither manager nor supervisor" in answer.text
    assert client.get_cookie(DEVICE_COOKIE) is None


def test_who_fell_to_associate_reads_no_visit_in_his_browser(shop: Shop, chain: Provider) -> None:
    links(shop, chain, "Dee", DEE)
    phone = shop.browser()
    comes_back(phone, chain, DEE)
    visit = shop.world.joins()
    someone = settings.Someone("Dee", "associate")
    settings.change_person(shop.world.store, shop.world.ids["Dee"], someone, shop.world.now, CONSOLE)
    assert phone.get("/supervisor").status_code == 403
    assert phone.get(f"/board/visits/{visit.id}").status_code == 404


def test_a_screen_of_the_store_stays_what_it_is(shop: Shop, chain: Provider) -> None:
    for kind in ("kiosk", "tablet", "display"):
        screen = shop.device(kind)
        before = screen.get_cookie(DEVICE_COOKIE)
        assert screen.get(BEGIN).status_code == 403
        assert screen.get_cookie(DEVICE_COOKIE) == before
    client = shop.browser()
    back = _path(chain.signs_in(client.get(BEGIN).location))
    client.set_cookie(DEVICE_COOKIE, shop.device("kiosk").get_cookie(DEVICE_COOKIE).value)  # type: ignore[union-attr]
    assert client.get(back).status_code == 403 and client.get("/kiosk").status_code == 200


def test_strangers_cannot_have_the_provider_asked_for_ever(
    shop: Shop, chain: Provider, record_property: Record
) -> None:
    found = [shop.browser().get(BEGIN).status_code for _ in range(60)]
    assert (found.count(303), found.count(429)) == (30, 30)
    assert shop.browser().get(f"{BEGIN}/back?code=x&state=x").status_code == 429
    assert enters(shop.browser()) == 303
    shop.world.skips(seconds=60)
    assert shop.browser().get(BEGIN).status_code == 303
    record_property(FIGURE, "60 ways to the provider from one network in a minute: 30 begun")


def test_the_journal_and_the_database_hold_no_subject(shop: Shop, chain: Provider, tmp_path: Path) -> None:
    comes_back(shop.browser(), chain)
    with engine.read() as conn:
        details = [row.detail for row in conn.execute(select(events.c.detail))]
    linked = [detail for detail in details if detail.get("what") == "account_linked"]
    assert linked == [{"what": "account_linked", "person": shop.world.ids["Max"]}]
    engine.current().dispose()
    files = [path.read_bytes() for path in tmp_path.glob("shopbell.db*")]
    assert files and not any(PEOPLE[MAX].encode() in each for each in files)
