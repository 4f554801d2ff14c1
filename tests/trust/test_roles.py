"""Who may call what: each call, by each caller, about his own store and about another one."""

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from tests.auth.counting import everything
from tests.conftest import FIGURE
from tests.trust.conftest import Shop
from tests.trust.scale import full
from tests.trust.table import Call, marked, rows, written
from tests.trust.towns import PIN, Caller, Kept, Town, two_towns
from werkzeug.test import TestResponse

from shopbell import notify

Record = Callable[[str, object], None]
Towns = tuple[Town, Town]
TABLE = written()
CALLS = sorted(TABLE)
FORMS = {"/kiosk/number": {"ticket": "R1"}, "/setup/zones/{slug}": {"name": "Porch"}}
# A tablet on which nobody is signed in, and a phone without its owner's PIN, change nothing but by these.
WITHOUT_A_PERSON = {
    "/board/sign-in",
    "/board/unlock",
    "/board/lock",
    "/supervisor/acknowledge",
    "/supervisor/alerts/{alert_id}/acknowledge",
}


@pytest.fixture
def towns(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Towns:
    monkeypatch.setattr(notify, "send_test", lambda *asked: "heard")  # nobody listens at these channels
    return two_towns(shop)


@pytest.fixture
def kept(towns: Towns, tmp_path: Path) -> Kept:
    """The database of the two towns, to come back to."""
    return Kept(tmp_path / "shopbell.db")


def lets_in(who: str, caller: Caller) -> bool:
    """Whether the table lets someone in."""
    words = who.split(", ")
    if who == "anyone":
        return True
    if who == "manager":
        return caller.kind in ("tablet", "phone", "browser") and caller.role == "manager" and caller.may_act
    if words[-1] == "supervisor and above":
        return caller.kind in words and caller.role in ("supervisor", "manager")
    return caller.kind in words or (caller.kind == "token" and f"{caller.role}’s token" in words)


def is_refusal(answer: TestResponse) -> bool:
    return answer.status_code in (401, 403) or (answer.status_code == 303 and answer.location == "/pair")


def test_the_table_is_what_the_views_say(shop: Shop) -> None:
    views = marked(shop.app)
    assert views == TABLE, f"deploy/SECURITY.md should have:\n{rows(views)}"


def test_whom_the_table_does_not_name_is_refused(towns: Towns, record_property: Record) -> None:
    tried, before = 0, everything()
    for caller, call in product(towns[0].callers, CALLS):
        for town in _tried(towns) if not lets_in(TABLE[call], caller) else ():
            answer = caller.calls(call[0], town.path(call[1]))
            is_lost = town is towns[1] and answer.status_code == 404
            assert is_lost or is_refusal(answer), (caller.name, call, answer.status_code)
            tried += 1
    assert everything() == before
    record_property(FIGURE, f"{tried} calls by callers whom the table does not name: 0 let in")


def _tried(towns: Towns) -> Towns | tuple[Town]:
    """Whose addresses: his own store's, and by `make trust` the other's as well."""
    return towns if full() else towns[:1]


def test_whom_the_table_names_is_not_refused(towns: Towns, kept: Kept) -> None:
    """What he then asks for may not go (409, 422), but it is his to ask."""
    for caller, call in _named(towns[0]):
        is_drawn = call[1].endswith(".pdf")  # for seconds: tests/staff/setup does it once
        if not is_drawn and (caller.may_act or caller.kind == "kiosk"):
            answer = caller.calls(call[0], towns[0].path(call[1], **_own(caller)), FORMS.get(call[1]))
            assert not is_refusal(answer), (caller.name, call, answer.status_code)
            assert answer.status_code not in (404, 405) and answer.status_code < 500, (caller.name, call)
            kept.restore()


def _named(town: Town) -> Iterator[tuple[Caller, Call]]:
    """Every call that names its callers, by each of them; who signs out does so when all is said."""
    for call, who in sorted(TABLE.items(), key=lambda named: named[0][1].endswith("sign-out")):
        yield from ((caller, call) for caller in town.callers if who != "anyone" and lets_in(who, caller))


def _own(caller: Caller) -> dict[str, str]:
    """What stands in his paths: his own channel; a kiosk's token sees only whom it has put on the list."""
    own = {"question": "wait"} if caller.kind == "kiosk" else {}
    own |= {"own_id": caller.own_id} if caller.own_id else {}
    if caller.name == "token of kiosk":
        joined = caller.calls("POST", "/api/v1/stores/main/visits", {"line": "repairs"})
        own["visit"] = str((joined.json or {})["id"])
    return own


def test_a_screen_without_a_person_changes_nothing(towns: Towns) -> None:
    before = everything()
    for caller, (method, path) in _named(towns[0]):
        if not caller.may_act and caller.kind != "kiosk" and path not in WITHOUT_A_PERSON:
            caller.calls(method, towns[0].path(path))
            assert everything() == before, (caller.name, method, path)


def test_nothing_of_another_store_is_found(towns: Towns, record_property: Record) -> None:
    """Its visits, alerts, people, screens, channels, lines and zones, in the address of every call."""
    tried, before = 0, everything()
    for town, other in (towns, towns[::-1]):
        for caller, (method, path) in _named(town):
            if "{" in path and caller.kind != "kiosk":  # what a kiosk's addresses name is no store's
                answer = caller.calls(method, other.path(path), FORMS.get(path))
                assert answer.status_code in (401, 403, 404) or _asks_who(answer), (caller.name, method, path)
                tried += 1
    assert everything() == before
    record_property(FIGURE, f"{tried} calls with ids of another store: 0 found")


def _asks_who(answer: TestResponse) -> bool:
    """Nobody is signed in: that is asked before anything else."""
    return answer.status_code == 303 and answer.location in ("/board", "/board/sign-in")


# Words of another store in a form about one's own. `{…}` is the other's, `[…]` one's own.
WORDS: list[tuple[str, dict[str, str]]] = [
    ("/api/v1/stores/[store]/visits", {"line": "{line}"}),
    ("/api/v1/stores/[store]/visits", {"line": "[line]", "zone": "{zone}"}),
    ("/api/v1/visits/[visit]/transfer", {"line": "{second_line}", "note": "x"}),
    ("/api/v1/visits/[visit]/describe", {"zone": "{zone}"}),
    ("/kiosk/join", {"line": "{line}"}),
    ("/board/join", {"line": "{line}"}),
    ("/board/join", {"line": "[line]", "zone": "{zone}"}),
    ("/board/visits/[visit]/describe", {"zone": "{zone}"}),
    ("/board/visits/[visit]/transfer", {"line": "{second_line}", "note": "x"}),
    *((f"/board/visits/[visit]/{move}", {"by": "{person_id}"}) for move in ("claim", "leave", "note")),
    ("/board/join", {"line": "[line]", "by": "{person_id}"}),
    ("/board/presence", {"status": "off", "by": "{person_id}"}),
    ("/board/sign-in", {"person": "{person_id}", "pin": PIN}),
    ("/board/unlock", {"person": "{person_id}", "pin": PIN}),
    ("/board/sign-out", {"by": "{person_id}"}),
    ("/supervisor/alerts/[alert_id]/acknowledge", {"by": "{person_id}"}),
    ("/setup/people", {"count": "1", "name-0": "Eve", "role-0": "associate", "skills-0": "{line}"}),
    ("/setup/people/[person_id]", {"name": "Eve", "role": "associate", "skills": "{line}"}),
    ("/setup/screens", {"kind": "phone", "person": "{person_id}"}),
    ("/setup/lines/[line]/close", {"move_to": "{second_line}"}),
]  # fmt: skip


def test_no_words_of_another_store_are_taken(towns: Towns, record_property: Record) -> None:
    """Its lines, zones and people, in the forms of those who may act."""
    tried, before = 0, everything()
    for town, other in (towns, towns[::-1]):
        for caller in _who_act(town):
            tried += len([_sends(caller, words, town, other) for words in WORDS])
            assert everything() == before, caller.name
    record_property(FIGURE, f"{tried} forms with words of another store: 0 taken")


def test_the_same_forms_with_words_of_the_own_store_are_taken(towns: Towns, kept: Kept) -> None:
    """Or the refusals above would prove nothing."""
    town, taken = towns[0], set()
    for caller, words in product(_who_act(town), WORDS):
        if words[0] not in taken and _sends(caller, words, town, town).status_code < 400:
            taken.add(words[0])
            kept.restore()
    assert taken == {path for path, _ in WORDS}


def _who_act(town: Town) -> list[Caller]:
    return [caller for caller in town.callers if caller.may_act or caller.kind == "kiosk"]


def _sends(caller: Caller, words: tuple[str, dict[str, str]], town: Town, other: Town) -> TestResponse:
    path, form = words
    return caller.calls(
        "POST",
        _filled(path, town, other),
        {name: _filled(word, town, other) for name, word in form.items()},
    )


def _filled(text: str, town: Town, other: Town) -> str:
    return other.path(text).replace("[", "{").replace("]", "}").format(**town.parts)
