"""Every text a customer may read goes through the catalogues, and each language has it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import flask_babel
import pytest
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from babel.support import NullTranslations
from tests.kiosk.conftest import Browser
from tests.world import ANN, World

from shopbell import settings, wording
from shopbell.db import engine
from shopbell.db.tables import visits
from shopbell.domain.event import CUSTOMER_WORDS
from shopbell.settings import CONSOLE

REPO = Path(__file__).parents[2]
LANGUAGES = tuple(code for code in wording.LANGUAGES if code != "en")
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
SOURCES = ("kiosk", "server/shopbell/templates")
FILES = ("wording.py", "errors.py", "domain/said.py", "floor/join.py")


def texts() -> set[str]:
    """What customers may read: their pages, the words for numbers and times, refusals of what they do."""
    found = {text for folder in SOURCES for _, text in _texts_in(REPO / folder)}
    return (
        found
        | {text for name, text in _texts_in(REPO / "server/shopbell") if name in FILES}
        | {*CUSTOMER_WORDS.values()}
    )


def _texts_in(folder: Path) -> Iterator[tuple[str, str]]:
    for name, _, message, *_ in extract_from_dir(folder, METHODS, keywords=KEYWORDS):
        yield name, _first(message)


def _first(message: str | tuple[str, ...]) -> str:
    return message if isinstance(message, str) else message[0]


def catalogue(language: str) -> Catalog:
    with (REPO / f"server/shopbell/translations/{language}/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_customer_is_translated(language: str) -> None:
    translated = {_first(message.id): message.string for message in catalogue(language) if message.id}
    strings = {text: translated.get(text) for text in texts()}
    missing = [
        text for text, found in strings.items() if not (all(found) if isinstance(found, tuple) else found)
    ]
    assert missing == []
    assert len(strings) > 120


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_their_placeholders(language: str) -> None:
    for message in catalogue(language):
        if message.id and any(message.string if isinstance(message.string, tuple) else [message.string]):
            assert not list(message.check()), message.id
            for braced in re.findall(r"{\w+}", _first(message.id)):
                assert braced in str(message.string)


def test_arabic_has_its_six_plurals() -> None:
    plurals = [
        message for message in catalogue("ar") if isinstance(message.id, tuple) and any(message.string)
    ]
    assert len(plurals) == 3
    assert all(len(message.string) == 6 and all(message.string) for message in plurals)


# --- a language in which every text stands in brackets --------------------------------------------


class Brackets(NullTranslations):
    """⟦Every text⟧ that goes through gettext can be told from one that does not."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, one: str, many: str, n: int) -> str:
        return f"⟦{one if n == 1 else many}⟧"

    ugettext, ungettext = gettext, ngettext


class Words(HTMLParser):
    """The texts of a page: what is read, and what screen readers hear of attributes."""

    HEARD = ("aria-label", "alt", "placeholder", "title", "data-text", "data-title", "data-as-of")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.within: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within.append(tag)
        self.found += [value for name, value in attrs if value and name in self.HEARD]
        if tag in ("meta", "link", "input", "br", "img", "hr"):
            self.within.pop()

    def handle_endtag(self, tag: str) -> None:
        while self.within and self.within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not {"script", "style", "svg", "time"} & set(self.within):
            self.found.append(data)


# Names the store gave, tickets, clocks, the languages' own names: these are nobody's to translate.
DATA = re.compile(
    r"⟦[^⟦⟧]*(⟦[^⟦⟧]*⟧[^⟦⟧]*)*⟧|Main Street|Repairs|Paint|Aisle 7|Help|Ann|Bo\b|A story|[A-Z]\d+\b|\d\d:\d\d"
    r"|English|Español|Türkçe|العربية|Shopbell"
)


@pytest.fixture
def brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flask_babel.Domain, "get_translations", lambda self: Brackets())
    monkeypatch.setattr(wording, "catalogue", lambda language: Brackets())


def escaped(html: str) -> list[str]:
    """Texts of a page that no catalogue has."""
    return [text for text in Words(html).found if re.search(r"\w", DATA.sub("", text))]


@pytest.mark.usefixtures("brackets")
def test_no_text_of_the_kiosk_escapes_the_catalogue(world: World, kiosk: Browser) -> None:
    world.comes("Bo")
    paths = (
        "",
        "/another",
        "/ticket",
        "/about/name",
        "/about/story",
        "/about/needs",
        "/change",
        "/language",
        "/number",
    )
    kiosk.sends("/kiosk/join", line="repairs", key="a")
    kiosk.sends("/kiosk/describe", name="Ann", story="A story")
    pages = [kiosk.opens(f"/kiosk{path}") for path in paths]
    pages += [kiosk.sends("/kiosk/call", key="b"), kiosk.sends("/kiosk/number", ticket="X9")]
    pages += [
        kiosk.sends("/kiosk/number", ticket="R1"),
        kiosk.sends("/kiosk/here"),
        kiosk.sends("/kiosk/leave"),
    ]
    pages += [kiosk.sends("/kiosk/done"), kiosk.sends("/kiosk/join", line="moon", key="c")]
    settings.set_hours(world.store, ["mon-fri", "11:00-18:00"], world.now, CONSOLE)
    pages.append(kiosk.opens("/kiosk"))
    assert [escaped(page.text) for page in pages] == [[]] * len(pages)


@pytest.mark.usefixtures("brackets")
def test_no_text_of_join_and_status_escapes_the_catalogue(world: World, phone: Browser) -> None:
    pages = [phone.opens("/j/main/aisle-7"), phone.opens("/j/moon"), phone.sends("/j/main", line="moon")]
    pages += [phone.opens("/j/main/ticket/again"), phone.sends("/j/main/ticket/again", phone="0")]
    visit = world.joins("Ann", by=ANN, source="phone", story="A story", zone="aisle-7")
    at = f"/v/{visit.token}"
    pages.append(phone.opens(at))
    world.comes("Bo")
    with engine.begin() as connection:
        connection.execute(visits.update().values(proof="none"))
    pages.append(phone.opens(at))
    for move in ("verify", "cant-find", "claim", "serve", "finish"):
        world.does("Bo", move, visit)
        pages.append(phone.opens(at))
    pages += [phone.sends(f"{at}/deny"), phone.sends(f"{at}/leave")]
    assert [escaped(page.text) for page in pages] == [[]] * len(pages)


def test_a_text_that_escapes_is_found() -> None:
    assert escaped("<p>⟦You are on the list.⟧ R1</p><p>Hello</p>") == ["Hello"]
    assert escaped('<a aria-label="Hello">⟦Back⟧</a>') == ["Hello"]
