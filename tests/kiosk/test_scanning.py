"""A screen's code, scanning again, and several joins at once: what a customer sees of it."""

import re

import pytest
from flask import Flask
from sqlalchemy import update
from tests.kiosk.conftest import Browser, kiosk_token, words
from tests.world import ANN, World

from shopbell import settings, wording
from shopbell.auth import devices, slots
from shopbell.auth.requests import DEVICE_COOKIE
from shopbell.board import Row, read_board
from shopbell.db import engine, places
from shopbell.db.tables import stores
from shopbell.domain.visit import Visit
from shopbell_kiosk import display
from shopbell_kiosk.again import BY_NUMBER


def rows(world: World) -> tuple[Row, ...]:
    return read_board(world.store, world.now).rows


def code(app: Flask, world: World) -> str:
    return slots.code(str(app.secret_key), world.store, world.now)


def only_proven(world: World) -> None:
    with engine.begin() as connection:
        connection.execute(update(stores).values(posters="proof"))


def unproven(world: World, **more: object) -> Visit:
    only_proven(world)
    return world.joins(by=ANN, source="phone", proof="poster", **more)


def fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page))


def test_the_kiosk_shows_a_code_that_changes_every_minute(world: World, kiosk: Browser) -> None:
    def drawn() -> str:
        page = kiosk.opens("/kiosk").text
        assert 'content="60;url=' in page, "without a script it loads anew"
        return page.partition('id="scan"')[2].partition("</svg>")[0]

    first = drawn()
    world.skips(seconds=59)
    assert drawn() == first
    world.skips(seconds=1)
    assert "<path" in first and drawn() != first


def test_whoever_scans_it_is_known_to_be_here(app: Flask, world: World, phone: Browser) -> None:
    only_proven(world)
    page = phone.opens(f"/j/main/aisle-7?s={code(app, world)}")
    phone.sends("/j/main/aisle-7", line="repairs", **fields(page.text))
    assert [(row.proof, row.zone) for row in rows(world)] == [("screen", "aisle-7")]


def test_the_proof_stays_while_she_chooses_her_language(app: Flask, world: World, phone: Browser) -> None:
    page = phone.opens(f"/j/main?s={code(app, world)}").text
    link = re.search(r'href="(\?lang=es[^"]+)"', page)
    assert link
    world.skips(minutes=10)  # the code itself is an old one by now
    spanish = phone.opens("/j/main" + link[1].replace("&amp;", "&")).text
    assert 'lang="es"' in spanish and fields(spanish) == fields(page)


def test_a_phone_in_the_stores_network_is_known_to_be_here(world: World, phone: Browser) -> None:
    only_proven(world)
    with engine.begin() as connection:
        connection.execute(update(stores).values(networks=["127.0.0.0/8"]))
    phone.sends("/j/main", line="repairs", key="a")
    assert [row.proof for row in rows(world)] == ["network"]


def test_who_is_not_proven_is_told_what_to_do_and_scanning_puts_her_on_the_list(
    app: Flask, world: World, phone: Browser
) -> None:
    only_proven(world)
    page = phone.sends("/j/main", line="repairs", key="a")
    assert "Please tap the kiosk or tell anyone of the staff that you are here." in words(page)
    assert "I am in the store" not in words(page)
    scanned = phone.opens(f"/j/main?s={code(app, world)}")
    assert "I am in the store" in words(scanned), "opening it changes nothing yet"
    assert rows(world)[0].proof == "none"
    proven = phone.sends(f"{scanned.request.path}/verify", **fields(scanned.text))
    assert "We know that you are in the store." in words(proven)
    assert [row.proof for row in rows(world)] == ["proven"]


def test_her_number_at_the_kiosk_proves_her(world: World, kiosk: Browser) -> None:
    ann = unproven(world)
    assert "You are on the list." in words(kiosk.sends("/kiosk/number", ticket=ann.ticket))
    assert rows(world)[0].proof == "proven"


def test_a_browser_has_one_open_visit(world: World, phone: Browser) -> None:
    mine = phone.sends("/j/main", line="repairs", key="a").request.path
    assert phone.sends("/j/main", line="paint", key="b").request.path == mine
    assert len(rows(world)) == 1


@pytest.mark.parametrize("typed", ["+90 532 123 45 67", "0532 1234567"])
def test_another_browser_finds_her_by_the_number_she_gave(world: World, phone: Browser, typed: str) -> None:
    ann, _ = world.joins(phone="+90 (532) 123-45-67"), world.joins(name="Ida", phone="+90 555 000 00 00")
    assert phone.sends("/j/main/ticket/again", phone=typed).request.path == f"/v/{ann.token}"
    assert phone.opens("/j/main").request.path == f"/v/{ann.token}", "it is this browser's from now on"


def test_a_number_that_is_not_there_an_ended_one_and_nonsense_are_told_alike(
    world: World, phone: Browser
) -> None:
    ann = world.joins(phone="+90 532 123 45 67")
    world.does("Ann", "leave", ann)
    settings.add_store("other", "Other Street", world.now, settings.CONSOLE)
    pages = [
        phone.sends("/j/main/ticket/again", phone=typed)
        for typed in ("+90 532 123 45 67", "+90 111 111 11 11", "junk", "")
    ]
    assert {(page.status_code, page.text) for page in pages} == {(404, pages[0].text)}


def test_the_tries_for_one_number_are_few_however_it_is_written(world: World, phone: Browser) -> None:
    ann = world.joins(phone="+90 532 123 45 67")
    for n in range(BY_NUMBER.most):
        assert phone.sends("/j/main/ticket/again", phone=f"+{n + 10} 32 123 45 67").status_code == 404
    page = phone.sends("/j/main/ticket/again", phone="+90 532 123 45 67")
    assert page.status_code == 429 and int(page.headers["Retry-After"]) > 0
    assert "Please wait a moment" in words(page) and ann.token not in page.text


def test_before_a_screens_code_her_tickets_number_is_enough(app: Flask, world: World, phone: Browser) -> None:
    ann = unproven(world)
    assert phone.sends("/j/main/ticket/again", ticket=ann.ticket).status_code == 404
    page = phone.opens(f"/j/main/ticket/again?s={code(app, world)}").text
    found = phone.sends("/j/main/ticket/again", ticket=ann.ticket.lower(), **fields(page))
    assert found.request.path == f"/v/{ann.token}"
    assert rows(world)[0].proof == "proven", "she is here"


def test_a_call_is_nobodys_ticket(app: Flask, world: World, phone: Browser, kiosk: Browser) -> None:
    kiosk.sends("/kiosk/call", key="a")
    page = phone.opens(f"/j/main/ticket/again?s={code(app, world)}").text
    assert (
        phone.sends("/j/main/ticket/again", ticket=rows(world)[0].ticket, **fields(page)).status_code == 404
    )


def plays(kiosk: Browser, *keys: str) -> str:
    """Somebody taps a line and "Done", again and again; what the last tap led to."""
    for key in keys:
        page = kiosk.sends("/kiosk/join", line="repairs", key=key)
        kiosk.sends("/kiosk/done")
    return words(page)


def test_three_joins_in_a_minute_that_nothing_follows_are_a_group_and_the_next_tap_asks(
    world: World, kiosk: Browser
) -> None:
    bystander = world.joins("Ida")
    assert "You are on the list." in plays(kiosk, "a", "b", "c")
    first = rows(world)[1].id
    assert [row.burst for row in rows(world)] == [None, first, first, first]
    asked = kiosk.sends("/kiosk/join", line="repairs", key="d")
    assert "A new person?" in words(asked) and len(rows(world)) == 4
    kiosk.sends("/kiosk/join", new_person="1", **fields(asked.text) | {"key": "d", "line": "repairs"})
    assert [row.burst for row in rows(world)] == [None, first, first, first, None]
    assert world.row(bystander).burst is None


@pytest.mark.parametrize("follows", ["word", "question", "minute", "replay"])
def test_whoever_goes_on_with_her_number_is_never_asked(world: World, kiosk: Browser, follows: str) -> None:
    for n in range(5):
        key = "same" if follows == "replay" else f"key-{n}"
        page = kiosk.sends("/kiosk/join", line="repairs", key=key)
        assert "You are on the list." in words(page)
        if follows == "word":
            kiosk.sends("/kiosk/describe", zone="aisle-7")
        if follows == "question":
            kiosk.opens("/kiosk/about/name")
        kiosk.sends("/kiosk/done")
        world.skips(seconds=31 if follows == "minute" else 1)
    assert {row.burst for row in rows(world)} == {None}


# --- the screen on the wall -------------------------------------------------------------------------


@pytest.fixture
def wall(app: Flask, world: World) -> Browser:
    """The display over the entrance."""
    client = app.test_client()
    with engine.begin() as connection:
        invited = devices.invite(connection, world.store, "display", "Wall", None, world.now)
        enrolled = devices.enrol(connection, invited, world.now)
    assert enrolled
    client.set_cookie(DEVICE_COOKIE, enrolled[1])
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    return Browser(client)


def test_the_wall_shows_who_is_coming_to_which_number_and_nobodys_name(world: World, wall: Browser) -> None:
    world.comes("Bo", "Cy")
    ann, ida, eve = (world.joins(name, story="My secret") for name in ("Ann", "Ida", "Eve"))
    world.does("Bo", "claim", ann)
    world.does("Cy", "claim", ida)
    world.does("Cy", "serve", ida)
    page = wall.opens("/display")
    assert "R1 Bo is coming" in words(page)
    for hidden in ("Ann", "Ida", "Eve", "My secret", ida.ticket, eve.ticket, "Cy"):
        assert hidden not in words(page), hidden
    assert wall.opens(f"/display?seq={world.seq()}&epoch={_epoch(world)}").status_code == 204


def _epoch(world: World) -> str:
    return read_board(world.store, world.now).epoch


def test_the_wall_speaks_the_stores_first_language_and_invites_in_all(world: World, wall: Browser) -> None:
    with engine.begin() as connection:
        connection.execute(update(stores).values(languages=["tr", "en"]))
    page = wall.opens("/display")
    assert '<html lang="tr"' in page.text
    assert "Need help? Scan here." in words(page) and "Yardıma mı ihtiyacınız var?" in words(page)


def test_what_is_pushed_to_the_wall_is_said_in_the_same_language(app: Flask, world: World) -> None:
    world.comes("Bo")
    ann = world.joins()
    world.does("Bo", "claim", ann)
    with engine.begin() as connection:
        connection.execute(update(stores).values(languages=["tr", "en"]))
        store = places.store(connection, world.store)
    said = wording.catalogue("tr").gettext("%(name)s is coming") % {"name": "Bo"}
    with app.test_request_context("/"):
        assert said in display.renderers(app)["coming"](world.row(ann), store)
        assert wording.language() == "en"


def test_the_walls_code_is_that_of_its_minute(world: World, wall: Browser) -> None:
    def drawn() -> str:
        return wall.opens("/display").text.partition('class="qr"')[2].partition("</svg>")[0]

    first = drawn()
    world.skips(minutes=1)
    assert "<path" in first and drawn() != first


@pytest.mark.parametrize("kind", ["kiosk", "stranger"])
def test_only_a_display_opens_it(app: Flask, world: World, phone: Browser, kind: str) -> None:
    if kind == "kiosk":
        phone.client.set_cookie(DEVICE_COOKIE, kiosk_token(world.store, "Door"))
    assert phone.client.get("/display").status_code == (403 if kind == "kiosk" else 303)


def test_a_display_may_call_nothing_else(app: Flask, world: World, wall: Browser) -> None:
    visit, refused = world.joins(), 0
    before = world.seq()
    for rule in app.url_map.iter_rules():
        lets_in = getattr(app.view_functions[rule.endpoint], "lets_in", ())
        if "display" in lets_in or "anyone" in lets_in or rule.endpoint.startswith("api."):
            continue
        path = re.sub(r"<[^>]+>", str(visit.id), rule.rule)
        for method in (rule.methods or set()) & {"GET", "POST"}:
            answer = wall.client.open(path, method=method)
            assert answer.status_code in (403, 404), (method, path)
            refused += 1
    assert refused > 50 and world.seq() == before
    assert wall.client.get("/api/v1/stores/main/visits").status_code in (401, 403)
