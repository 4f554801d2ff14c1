"""Joins from home, floods and guessed pages: nothing forged counts, and who is in the store is unharmed."""

import random
import re
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import cycle, islice
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from tests.conftest import FIGURE
from tests.kiosk.conftest import Browser, app, kiosk, phone
from tests.trust.scale import tenth
from tests.world import ANN, World
from werkzeug.test import TestResponse

from shopbell import settings
from shopbell.auth import slots
from shopbell.board import read_board
from shopbell.db import engine
from shopbell.db.tables import visits
from shopbell.domain.proof import OPEN_AT_MOST
from shopbell.settings import CONSOLE
from shopbell_kiosk.phone import BY_NETWORK

__all__ = ["app", "kiosk", "phone"]

Record = Callable[[str, object], None]
MINUTE, HALF_HOUR = timedelta(minutes=1), timedelta(seconds=slots.FORM_LASTS_S)


def secret(app: Flask) -> str:
    return str(app.secret_key)


def sends(app: Flask, address: str, **form: Any) -> TestResponse:
    """A join by a phone without cookies, from this address."""
    client = app.test_client(use_cookies=False)
    client.environ_base.update(HTTP_SEC_FETCH_SITE="same-origin", REMOTE_ADDR=address)
    return client.post("/j/main", data={"line": "repairs", **form})


def addresses() -> Any:
    return (f"10.{n // 65536 % 256}.{n // 256 % 256}.{n % 256}" for n in range(2**24))


def proofs(app: Flask) -> list[str]:
    """How the visits so far are known, in the order of their joins."""
    with engine.read() as connection:
        return list(connection.scalars(select(visits.c.proof).order_by(visits.c.id)))


def test_a_screens_code_proves_and_so_does_its_form_for_half_an_hour(app: Flask, world: World) -> None:
    for waits, proof in ((timedelta(0), "screen"), (HALF_HOUR, "screen"), (HALF_HOUR + MINUTE, "poster")):
        code = slots.code(secret(app), world.store, world.now)
        world.skips(seconds=2 * slots.SLOT_S)  # the oldest one that still opens
        page = app.test_client().get(f"/j/main?s={code}").text
        form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page))
        world.now += waits
        sends(app, "10.0.0.1", **form)
        assert proofs(app)[-1] == proof


def codes(app: Flask, world: World, other: int) -> list[Callable[[int], str]]:
    """Forgeries of a screen's code."""
    own, now = secret(app), world.now

    def late(n: int) -> str:
        return slots.code(own, world.store, now - (slots.OLDER_SLOTS + 1 + n) * MINUTE)

    return [
        late,
        lambda n: slots.code(own, world.store, now + (1 + n) * MINUTE),
        lambda n: slots.code(own, other, now - n % 3 * MINUTE),
        lambda n: slots.code(own, world.store, now)[: n % 12],
        lambda n: slots.code(own, world.store, now) + "="[: n % 2] + "x",
        lambda n: slots.code(f"{own}{n}", world.store, now),
        lambda n: slots.code(own, world.store, now).swapcase(),
        lambda n: slots.form(own, world.store, "", now),
    ]


def form_proofs(app: Flask, world: World, other: int) -> list[Callable[[int, str], str]]:
    """Forgeries of a form's proof."""
    own, now = secret(app), world.now

    def resigned(n: int, key: str) -> str:
        # The time is moved, the signature is that of another time.
        opened, _, mac = slots.form(own, world.store, key, now - HALF_HOUR - (1 + n) * MINUTE).partition(".")
        return f"{int(opened) + 3600}.{mac}"

    return [
        lambda n, key: slots.form(own, world.store, key, now - HALF_HOUR - (1 + n) * MINUTE),
        lambda n, key: slots.form(own, world.store, key, now + (1 + n) * MINUTE),
        lambda n, key: slots.form(own, other, key, now),
        lambda n, key: slots.form(own, world.store, key, now)[: n % 20],
        lambda n, key: slots.form(f"{own}{n}", world.store, key, now),
        lambda n, key: slots.form(own, world.store, f"{key}x", now),  # another form's
        lambda n, key: "." + slots.form(own, world.store, key, now).partition(".")[2],
        lambda n, key: slots.code(own, world.store, now),
        resigned,
    ]


def test_forged_and_stale_codes_and_proofs_are_worth_no_more_than_a_poster(
    app: Flask, world: World, record_property: Record
) -> None:
    other, many = settings.add_store("other", "Other Street", world.now, CONSOLE), tenth(500)
    client, accepted = app.test_client(use_cookies=False), 0
    for n, forge in enumerate(islice(cycle(codes(app, world, other)), many // 2)):
        page = client.get("/j/main", query_string={"s": forge(n)})
        assert page.status_code == 200, "nobody is refused"
        accepted += 'name="proof"' in page.text
    forgeries, address = cycle(form_proofs(app, world, other)), addresses()
    for n, forge_proof in enumerate(islice(forgeries, many - many // 2)):
        answer = sends(app, next(address), key=f"key-{n}", proof=forge_proof(n, f"key-{n}"))
        assert answer.status_code == 303, "nobody is refused"
    accepted += proofs(app).count("screen")
    assert len(proofs(app)) == many - many // 2
    assert accepted == 0
    record_property(FIGURE, f"{many} forged or stale join tokens: {accepted} accepted")


@pytest.mark.parametrize("guess", ["", "None", "secret", "dev"])
def test_nobody_guesses_the_secret(app: Flask, world: World, guess: str) -> None:
    page = app.test_client().get("/j/main", query_string={"s": slots.code(guess, world.store, world.now)})
    assert page.status_code == 200 and 'name="proof"' not in page.text


def test_one_form_is_one_visit_however_often_it_is_sent(app: Flask, world: World) -> None:
    proof = slots.form(secret(app), world.store, "key", world.now)
    for address in islice(addresses(), 20):
        sends(app, address, key="key", proof=proof)
    assert proofs(app) == ["screen"]


def test_a_flood_from_home_leaves_the_kiosk_and_the_alerts_to_those_who_are_here(
    app: Flask, world: World, kiosk: Browser, record_property: Record
) -> None:
    world.comes("Bo")
    many, each = tenth(5000), 25
    for address in islice(addresses(), many // each):
        for _ in range(each):
            assert sends(app, address).status_code == 303, "nobody is refused"
        world.skips(seconds=1)
    assert proofs(app).count("poster") == OPEN_AT_MOST
    began = time.perf_counter()
    page = kiosk.sends("/kiosk/join", line="paint", key="here")
    kiosk_s = time.perf_counter() - began
    assert page.status_code == 200 and kiosk_s < 1
    shown = read_board(world.store, world.now)
    [here] = [row for row in shown.rows if row.proof == "house"]
    assert here.position == 1 and len(shown.rows) == many + 1
    assert [row.is_unproven for row in shown.rows] == sorted(row.is_unproven for row in shown.rows)
    world.passes(minutes=12)
    alerted = read_board(world.store, world.now).alerts
    assert len(alerted) == OPEN_AT_MOST + 1
    with engine.read() as connection:
        unproven = select(visits.c.id).where(visits.c.proof == "none")
        assert not set(connection.scalars(unproven)) & {alert.visit_id for alert in alerted}
    record_property(
        FIGURE,
        f"{many} joins from {many // each} fake devices: {OPEN_AT_MOST} open and trusted, "
        f"{len(alerted) - 1} of them alerted, a kiosk's join meanwhile took {1000 * kiosk_s:.0f} ms",
    )


def test_a_forged_forwarding_header_is_nobodys_address(
    app: Flask, world: World, kiosk: Browser, record_property: Record
) -> None:
    many, accepted, chance = tenth(2000), 0, random.Random(4)
    client = app.test_client(use_cookies=False)
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    names = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP")
    for _ in range(many):
        forged = ".".join(str(chance.randrange(1, 255)) for _ in range(4))
        headers = {name: f"for={forged}" if name == "Forwarded" else forged for name in names}
        answer = client.post("/j/main", data={"line": "repairs"}, headers=headers)
        assert answer.status_code in (303, 429)
        if answer.status_code == 429:
            assert 0 < int(answer.headers["Retry-After"]) <= BY_NETWORK.per_s
            assert "Please wait a moment" in answer.text
        accepted += answer.status_code == 303
    assert accepted == BY_NETWORK.most
    assert kiosk.sends("/kiosk/join", line="paint", key="here").status_code == 200
    record_property(FIGURE, f"{many} posts with forged forwarding headers: counted as one network")


def test_guessed_and_almost_right_status_pages_are_one_and_the_same_404(
    app: Flask, world: World, record_property: Record
) -> None:
    token, chance, client = world.joins().token, random.Random(4), app.test_client(use_cookies=False)
    assert client.get(f"/v/{token}").status_code == 200
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    many, near = tenth(10_000), tenth(200)
    guesses = ["".join(chance.choices(letters, k=len(token))) for _ in range(many)]
    guesses += [near_miss(token, n, chance.choice(letters)) for n in range(near)]
    answers = {(page.status_code, page.text) for page in (client.get(f"/v/{guess}") for guess in guesses)}
    [(status, _)] = answers
    assert status == 404
    with engine.read() as connection:
        assert connection.scalar(select(func.count()).select_from(visits)) == 1
    record_property(FIGURE, f"{many} random and {near} almost right status tokens: 0 pages, one same 404")


def near_miss(token: str, n: int, letter: str) -> str:
    """The token with one letter another one, one missing, one more, or in the other case."""
    at = n % len(token)
    other = letter if letter != token[at] else "."
    return (
        token[:at] + other + token[at + 1 :],
        token[:at] + token[at + 1 :],
        token + letter,
        token.swapcase(),
    )[n % 4]


@pytest.mark.parametrize("what", ["verify", "verify?p=1.forged"])
def test_her_page_cannot_prove_her_from_home(app: Flask, world: World, phone: Browser, what: str) -> None:
    visit = world.joins(by=ANN, source="phone", proof="poster")
    with engine.begin() as connection:
        connection.execute(visits.update().values(proof="none"))
    phone.sends(f"/v/{visit.token}/{what}", p=slots.form(secret(app), world.store, "another", world.now))
    assert proofs(app) == ["none"]
    phone.sends(f"/v/{visit.token}/verify", p=slots.form(secret(app), world.store, visit.token, world.now))
    assert proofs(app) == ["proven"]
