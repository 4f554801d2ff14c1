"""The whole application: what guards every answer and every request, whichever part it belongs to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from tests import world as small

from shopbell import app as application
from shopbell import auth, bus
from shopbell.app import HEADERS, create_app
from shopbell.auth import anyone
from shopbell.auth.caller import unsaid
from shopbell.config import Config
from shopbell.db import engine, migrate


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on the small world."""
    small.make(sqlite_url)
    made = create_app(
        Config.read({}, data=tmp_path, database_url=sqlite_url, public_url="https://help.example.com")
    )
    yield made
    bus.use(None)
    engine.current().dispose()


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


def test_every_view_says_whom_it_lets_in(app: Flask) -> None:
    assert [name for name in unsaid(app) if not name.startswith("api.")] == []


def test_a_view_that_does_not_say_stops_the_start(app: Flask) -> None:
    app.view_functions["forgotten"] = lambda: ""
    with pytest.raises(RuntimeError, match="forgotten"):
        application._close_the_unsaid(app)


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/pair", "/board", "/v/guessed", "/api/v1/stores/main", "/healthz"]
)
def test_every_answer_carries_the_guards(browser: FlaskClient, path: str) -> None:
    answer = browser.get(path)
    for name in HEADERS:
        assert answer.headers.get(name), name
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


PUBLIC = "https://help.example.com"


@pytest.mark.parametrize(
    ("address", "is_tls"),
    [
        (PUBLIC, True),
        ("http://help.example.com", True),
        ("https://shop.lan", True),
        ("http://shop.lan", False),
    ],
)
def test_browsers_stay_on_tls_once_they_came_by_it(browser: FlaskClient, address: str, is_tls: bool) -> None:
    """The public host stands behind a proxy, which asks us over plain http."""
    headers = browser.get("/", base_url=address).headers
    assert (headers.get("Strict-Transport-Security") == "max-age=31536000") is is_tls
    assert (headers.get("Cross-Origin-Opener-Policy") == "same-origin") is is_tls


def test_no_address_is_told_to_anyone(browser: FlaskClient) -> None:
    """Visits' tokens and pairing codes stand in addresses: not even our own files are told of them."""
    for path in ("/v/guessed", "/pair?code=guessed", "/setup?code=guessed", "/j/main?proof=guessed"):
        assert browser.get(path).headers["Referrer-Policy"] == "strict-origin"


def test_files_may_be_kept(browser: FlaskClient) -> None:
    answer = browser.get("/static/base.css")
    assert answer.status_code == 200
    assert "no-store" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_sites_form_is_refused(browser: FlaskClient, headers: dict[str, str]) -> None:
    for path in ("/pair", "/setup", "/board/lock", "/j/main", "/nowhere"):
        assert browser.post(path, headers=headers).status_code == 403


@pytest.mark.parametrize("headers", [{"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}])
def test_our_own_form_is_let_in(browser: FlaskClient, headers: dict[str, str]) -> None:
    assert browser.post("/pair", data={"code": "wrong"}, headers=headers).status_code == 404


def test_a_form_that_is_too_large_is_refused(browser: FlaskClient) -> None:
    answer = browser.post("/pair", data={"code": "x" * 70_000}, headers={"Origin": "http://localhost"})
    assert answer.status_code == 413 and "This is too long." in answer.text


def test_errors_speak_in_sentences(browser: FlaskClient) -> None:
    page = browser.get("/nowhere")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "There is nothing at this address." in page.text
    problem = browser.get("/api/v1/nowhere")
    assert (problem.status_code, problem.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("fault", "status"), [(ValueError("story"), 500), (OperationalError("", {}, Exception()), 503)]
)
def test_a_fault_is_shown_short(
    app: Flask, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int
) -> None:
    def broken(*asked: Any) -> Any:
        raise fault

    monkeypatch.setattr(auth, "caller", broken)
    page = app.test_client().get("/")
    assert page.status_code == status
    assert "try again" in page.text
    assert "story" not in page.text


def test_customers_are_answered_in_their_language_and_staff_in_english(
    app: Flask, browser: FlaskClient
) -> None:
    turkish = {"Accept-Language": "tr-TR,tr;q=0.9"}
    assert 'lang="tr"' in browser.get("/v/guessed", headers=turkish).text
    assert 'lang="en"' in browser.get("/pair", headers=turkish).text


def test_what_is_here_is_said_to_anyone(browser: FlaskClient) -> None:
    page = browser.get("/")
    assert page.status_code == 200
    assert "/board" in page.text
    assert "Main Street" not in page.text
    assert getattr(application.here, "lets_in", None) == getattr(anyone(lambda: ""), "lets_in", None)


@pytest.mark.parametrize(
    ("revision", "status"), [(migrate.head(), 200), ("9999", 200), ("0010", 503), (None, 503)]
)
def test_it_is_ready_on_its_own_schema_and_on_a_later_one_but_on_no_older(
    browser: FlaskClient, revision: str | None, status: int
) -> None:
    """A chain's database gets a new version before its processes do, and those serve on meanwhile."""
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        if revision:
            connection.execute(text("INSERT INTO alembic_version VALUES (:at)"), {"at": revision})
    assert browser.get("/readyz").status_code == status
