"""Every command on Main Street: what it changes, what it prints, and each refusal in one sentence."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import select, text
from tests.auth.counting import everything
from tests.cli.conftest import Run
from tests.world import World

from shopbell import floor, settings
from shopbell.auth import accounts, people
from shopbell.auth.caller import by_bearer
from shopbell.clock import now
from shopbell.db import engine, places, roster
from shopbell.db.tables import channels, events, stores
from shopbell.db.tables import people as person_rows
from shopbell.settings import CONSOLE


def listed(run: Run, *words: str) -> list[dict[str, object]]:
    result = run(*words, "--json")
    assert result.exit_code == 0
    found: list[dict[str, object]] = json.loads(result.output)
    return found


def last_event() -> tuple[str, str, dict[str, object]]:
    with engine.read() as conn:
        row = conn.execute(select(events).order_by(events.c.store_id.desc(), events.c.seq.desc())).first()
    assert row
    return row.type, row.by_kind, row.detail


def test_a_store_comes_with_its_lines(run: Run) -> None:
    words = ("--name", "Harbour", "--timezone", "Europe/Istanbul", "--threshold", "5m")
    assert run("store", "add", "harbour", *words, "--line", "Repairs", "--line", "Rings").exit_code == 0
    store = listed(run, "store", "list")[1]
    assert (store["store"], store["name"], store["threshold_s"]) == ("harbour", "Harbour", 300)
    assert store["lines"] == [
        {"line": "repairs", "name": "Repairs", "letter": "R", "threshold_s": None},
        {"line": "rings", "name": "Rings", "letter": "I", "threshold_s": None},
    ]
    assert last_event() == ("settings", "console", {"what": "store_added"})


def test_a_new_store_has_a_hidden_line_to_call_someone(run: Run) -> None:
    run("store", "add", "harbour", "--name", "Harbour")
    with engine.read() as conn:
        [line] = places.all_lines(conn, 2)
    assert (line.name, line.is_help, line.is_open) == ("Help", True, True)


def test_a_line_may_be_called_help(run: Run) -> None:
    assert run("line", "add", "main", "Help").exit_code == 0
    assert run("line", "add", "main", "Hardware").exit_code == 0
    assert [line["letter"] for line in listed(run, "store", "list")[0]["lines"]] == ["R", "P", "H", "A"]  # type: ignore[attr-defined]


def test_letters_run_out_into_pairs(run: Run) -> None:
    names = [f"Number {number}" for number in range(30)]
    words = [word for name in names for word in ("--line", name)]
    run("store", "add", "many", "--name", "Many", *words)
    letters = [line["letter"] for line in listed(run, "store", "list")[1]["lines"]]  # type: ignore[attr-defined]
    assert len(set(letters)) == 30
    assert letters[:6] == ["N", "U", "M", "B", "E", "R"] and letters[-1] == "AD"


def test_a_line_has_a_threshold_of_its_own(run: Run) -> None:
    result = run("line", "add", "main", "Phone Repairs", "--threshold", "5m")
    assert "phone-repairs" in result.output
    assert listed(run, "store", "list")[0]["lines"][-1]["threshold_s"] == 300  # type: ignore[index]
    assert last_event()[2]["what"] == "line_added"


def test_a_zone_is_added(run: Run) -> None:
    run("zone", "add", "main", "Aisle 8")
    zones = listed(run, "store", "list")[0]["zones"]
    assert zones == [{"zone": "aisle-7", "name": "Aisle 7"}, {"zone": "aisle-8", "name": "Aisle 8"}]


def test_hours_are_set_and_taken_away(run: Run) -> None:
    assert run("hours", "set", "main", "mon-fri", "09:00-18:00", "sat", "10:00-14:00").exit_code == 0
    with engine.read() as conn:
        days = places.store(conn, 1).hours.days
    assert days and [len(day) for day in days] == [1, 1, 1, 1, 1, 1, 0]
    run("hours", "set", "main", "always")
    with engine.read() as conn:
        assert places.store(conn, 1).hours.days is None


def test_an_associate_signs_in_with_the_pin(run: Run) -> None:
    assert run("associate", "add", "main", "Eve", "--pin", "123456", "--line", "Paint").exit_code == 0
    with engine.read() as conn:
        eve = next(person for person in people.of_store(conn, 1) if person.name == "Eve")
        assert eve.role == "associate"
        assert people.check_pin(eve.person_id, "123456", now(), 1)
        assert roster.skills_of(conn, 1)[eve.person_id] == {places.line(conn, 1, "paint").id}  # type: ignore[union-attr]
    assert last_event()[2] == {"what": "person_added", "person": eve.person_id}


def test_who_speaks_what_is_said_once(run: Run) -> None:
    assert run("associate", "add", "main", "Eve", "--language", "es", "--language", "tr").exit_code == 0
    assert run("store", "add", "harbour", "--name", "Harbour", "--language", "tr").exit_code == 0
    with engine.read() as conn:
        eve = conn.scalar(select(person_rows.c.languages).where(person_rows.c.name == "Eve"))
        harbour = conn.scalar(select(stores.c.languages).where(stores.c.slug == "harbour"))
    assert (eve, harbour) == (["es", "tr"], ["tr"])
    before = everything()
    assert "language code" in run("associate", "add", "main", "Noor", "--language", "klingon!").stderr
    assert everything() == before


def test_the_same_name_and_pin_in_two_stores_is_one_person(run: Run) -> None:
    run("store", "add", "two", "--name", "Two")
    for store, pin in (("main", "123456"), ("two", "123456")):
        assert run("associate", "add", store, "Eve", "--role", "supervisor", "--pin", pin).exit_code == 0
    with engine.read() as conn:
        [eve] = conn.scalars(select(person_rows.c.id).where(person_rows.c.name == "Eve")).all()
        assert people.stores_of(conn, eve) == (1, 2)


def test_another_pin_is_another_person(run: Run) -> None:
    run("store", "add", "two", "--name", "Two")
    run("associate", "add", "main", "Eve", "--pin", "123456")
    run("associate", "add", "two", "Eve", "--pin", "654321")
    run("associate", "add", "two", "Bo")
    with engine.read() as conn:
        names = conn.scalars(select(person_rows.c.name).where(person_rows.c.name.in_(["Eve", "Bo"]))).all()
    assert sorted(names) == ["Bo", "Bo", "Eve", "Eve"]


def test_a_device_comes_by_code_and_link(run: Run) -> None:
    code, link = run("device", "add", "main", "--kind", "phone", "--for", "Dee").output.split()
    assert re.fullmatch(r"[A-Z2-9]{4}-[A-Z2-9]{4}", code)
    assert link.endswith(f"/pair?code={code}") and "localhost" not in link
    [device] = listed(run, "device", "list")
    assert (device["kind"], device["for"], device["enrolled"]) == ("phone", "Dee", False)
    assert run("device", "revoke", "1").exit_code == 0
    assert listed(run, "device", "list") == []


@pytest.mark.parametrize("role", ["kiosk", "associate", "supervisor", "manager"])
def test_a_token_is_printed_alone(run: Run, role: str) -> None:
    text = run("token", "create", "--store", "main", "--role", role, "--name", "Robot").output.strip()
    assert by_bearer(text).role == role
    [token] = listed(run, "token", "list", "--store", "main")
    assert token == {"id": "1", "role": role, "name": "Robot"}
    run("token", "revoke", "1")
    assert by_bearer(text).kind is None
    assert listed(run, "token", "list", "--store", "main") == []


def test_a_token_of_a_known_name_acts_as_him(run: Run) -> None:
    text = run("token", "create", "--store", "main", "--role", "associate", "--name", "Bo").output.strip()
    with engine.read() as conn:
        [bo] = conn.scalars(select(person_rows.c.id).where(person_rows.c.name == "Bo")).all()
    assert by_bearer(text).actor().person_id == bo


def test_phones_are_muted_for_a_while(run: Run) -> None:
    assert "are quiet until" in run("mute", "main", "30m", "--reason", "Fire drill").output
    assert "ring again" in run("unmute", "main").output


def test_the_ladder_sets_the_threshold(run: Run) -> None:
    assert run("ladder", "show", "main").output == "10m:supervisors 15m:managers\n"
    run("ladder", "set", "main", "2m:associates", "5m:supervisors", "8m:managers")
    assert run("ladder", "show", "main").output == "2m:associates 5m:supervisors 8m:managers\n"
    assert listed(run, "ladder", "show", "main")[0] == {"step": 1, "after_s": 120, "audience": "associates"}
    assert listed(run, "store", "list")[0]["threshold_s"] == 300


def test_a_webhooks_secret_is_shown_once(run: Run) -> None:
    _, secret = run(
        "channel", "add", "main", "https://hooks.example.com/a?key=1", "--step", "2"
    ).output.splitlines()
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/=]{44}", secret)
    assert listed(run, "channel", "list") == [
        {"id": "1", "store": "main", "name": "hooks.example.com", "kind": "webhook", "step": 2}
    ]
    new = run("channel", "rotate", "hooks.example.com").output.strip()
    assert new.startswith("whsec_") and new != secret
    with engine.read() as conn:
        assert conn.scalars(select(channels.c.secret)).one() == f"{new} {secret}"


def test_an_alert_and_a_channel_tell_what_became_of_them(run: Run, world: World) -> None:
    settings.add_channel(world.store, "https://hooks.example.com/", world.now, CONSOLE, name="till")
    world.joins()
    world.passes(minutes=10)
    engine.current().dispose()
    assert "10:10:00 due · 10:10:00 Dee" in run("alert", "log", "1").output
    assert [each["what"] for each in listed(run, "alert", "log", "1")] == ["due", "Dee"]
    [sent] = listed(run, "channel", "log", "till")
    assert (sent["type"], sent["state"], sent["payload"]) == ("alert.opened", "pending", None)
    assert "no such delivery" in run("channel", "resend", "till", "1").output


def test_a_channels_address_is_never_listed(run: Run) -> None:
    run("channel", "add", "main", "mailto://user:hidden@example.com")
    run("channel", "add", "main", "mailto://user:hidden@example.com")
    assert "hidden" not in run("channel", "list").output
    assert [each["name"] for each in listed(run, "channel", "list", "main")] == ["mailto", "mailto 2"]


def test_a_removed_channel_is_gone_and_its_neighbour_stays(run: Run) -> None:
    run("channel", "add", "main", "https://one.example.com/")
    run("channel", "add", "main", "https://two.example.com/", "--name", "Two")
    run("channel", "remove", "1")
    assert [each["name"] for each in listed(run, "channel", "list")] == ["Two"]


def test_a_code_names_store_and_zone(run: Run, data: Path) -> None:
    for form, begins in (("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        file = data / f"code.{form}"
        assert run("qr", "main", "--zone", "Aisle 7", "--format", form, "--out", str(file)).exit_code == 0
        assert begins in file.read_bytes()[:100]
    result = run("qr", "main")
    assert "█" in result.stdout and "private address" in result.stderr


def test_hostile_names_are_kept_as_they_are(run: Run) -> None:
    for hostile in (
        "<script>alert(1)</script>",
        "'; DROP TABLE stores; --x",
        "‮gnihtyna",
        "=cmd|x",
        "{{7*7}}",
    ):
        assert run("associate", "add", "main", hostile).exit_code == 0
        with engine.read() as conn:
            assert hostile in [person.name for person in people.of_store(conn, 1)]


def test_everything_that_is_set_up_can_be_set_here_too(run: Run) -> None:
    done = (
        "store set main --name Harbour --timezone Europe/Istanbul --threshold 5m --language en --language tr",
        "store set main --sorry Sorry! --in en",
        "hours set main mon-fri 09:00-18:00",
        "hours day main 2099-12-24 09:00-13:00",
        "line set main repairs --name Mending --threshold 4m --about Quick",
        "line up main paint",
        "line close main repairs",
        "line open main repairs",
        "zone set main aisle-7 --name Seven",
        "zone add main Door",
        "zone remove main door",
        "associate set main Bo --name Bob --role supervisor --pin 654321 --line Paint --language es",
        "associate remove main Cy",
        "device add main --kind kiosk --name Till",
        "device rename 1 Hall",
    )
    for words in done:
        result = run(*words.split())
        assert result.exit_code == 0, (words, result.output)
    [store] = listed(run, "store", "list")
    assert (store["name"], store["timezone"], store["threshold_s"]) == ("Harbour", "Europe/Istanbul", 300)
    paint, mending = listed(run, "line", "list", "main")
    assert (mending["name"], mending["threshold_s"], mending["about"]) == ("Mending", 240, "Quick")
    assert [zone["name"] for zone in listed(run, "zone", "list", "main")] == ["Seven", "Till", "Hall"]
    people_ = {person["name"]: person for person in listed(run, "associate", "list", "main")}
    assert set(people_) == {"Bob", "Dee", "Max"} and people_["Bob"]["pin"] and not people_["Dee"]["pin"]
    assert (people_["Bob"]["role"], people_["Bob"]["lines"]) == ("supervisor", ["paint"])
    days = {each["day"]: each["hours"] for each in listed(run, "hours", "show", "main")}
    assert (days["mon"], days["sun"], days["2099-12-24"]) == ("09:00-18:00", "closed", "09:00-13:00")
    assert listed(run, "device", "list")[0]["name"] == "Hall"
    assert paint["line"] == "paint"


def test_a_line_that_people_wait_in_says_where_they_could_go(run: Run) -> None:
    run("store", "list")
    floor.join(1, "repairs", CONSOLE, now(), source="staff")
    result = run("line", "close", "main", "repairs")
    assert result.exit_code == 1
    assert "1 customer waits for “Repairs”. Say to which line to move them: paint." in result.output
    assert "Moved 1 to “paint”." in run("line", "close", "main", "repairs", "--move-to", "paint").output


def test_all_posters_are_one_file(run: Run, data: Path) -> None:
    file = data / "all.pdf"
    assert run("qr", "main", "--all", "--format", "pdf", "--out", str(file)).exit_code == 0
    assert file.read_bytes().count(b"/Type /Page\n") == 2
    assert "one PDF" in run("qr", "main", "--all").output


REFUSED = [
    ("store add main --name X", "already a store"),
    ("store add Main --name X", "not a slug"),
    ("store add a/b --name X", "not a slug"),
    ("store add new --name X --timezone Mars", "not a time zone"),
    ("store add new --name X --threshold soon", "not a duration"),
    ("store add new --name X --line A --line a", "already a line"),
    ("line add nowhere X", "no store “nowhere”"),
    ("line add main repairs", "already a line"),
    ("line add main !!!", "at least one letter"),
    ("line add main X --threshold 0m", "not a duration"),
    ("zone add main aisle-7", "already a zone"),
    ("store set main --timezone Mars", "not a time zone"),
    ("store set main --threshold soon", "not a duration"),
    ("store set main --posters all", "not one of"),
    ("store set main --network wi-fi", "203.0.113.0/24"),
    ("store set main --sorry Oops --in klingon!", "not a language code"),
    ("line set main nope --name X", "no such line"),
    ("line set main repairs --name Paint", "already a line"),
    ("line close main nope", "no such line"),
    ("line up main nope", "no such line"),
    ("zone set main nope --name X", "no such zone"),
    ("zone remove main nope", "no such zone"),
    ("associate set main Nobody --pin 123456", "no such person"),
    ("associate set main Bo --pin 12", "six digits"),
    ("associate set main Max --role associate", "last manager"),
    ("associate remove main Max", "last manager"),
    ("device rename 99 X", "no such device"),
    ("hours day main 2026-13-01 closed", "not a date"),
    ("hours day main 2099-12-24 late", "not a time span"),
    ("hours day main 2099-12-24", "Say when it is open that day"),
    ("hours set main", "Say when it is open"),
    ("hours set main someday 09:00-18:00", "not a day"),
    ("hours set main mon-fri 9-late", "not a time span"),
    ("hours set main mon-fri", "never open"),
    ("associate add main Bo", "already a “Bo” here"),
    ("associate add main Eve --role boss", "not one of"),
    ("associate add main Eve --pin 1234", "six digits"),
    ("associate add main Eve --line Nope", "no line “Nope”"),
    ("device add main --kind toaster", "not one of"),
    ("device add main --kind phone", "whose phone"),
    ("device add main --kind tablet --for Bo", "Only a phone"),
    ("device add main --kind phone --for Nobody", "no “Nobody”"),
    ("device revoke 99", "no such device"),
    ("token create --store main --role boss --name X", "not one of"),
    ("token revoke 99", "no such token"),
    ("ladder set main 10m", "not a step"),
    ("mute main 5h --reason Drill", "four hours"),
    ("mute main soon --reason Drill", "not a duration"),
    ("ladder set main 10m:everyone", "not a step"),
    ("ladder set main 10m:managers 10m:supervisors", "same time"),
    ("channel add main nonsense", "not an address"),
    ("channel add main http://", "not an address"),
    ("channel add main http://[half/", "not an address"),
    ("channel add main nosuchthing://x", "does not send by this kind"),
    ("channel add main json://x.example", "server of one’s own"),
    ("channel add main tgram://x", "Apprise knows no such"),
    ("channel add main https://a:b@x.example", "user and password"),
    ("channel add main https://x.example:25", "ports"),
    ("store set main --keep 0d", "from 1 to 730"),
    ("store set main --keep long", "from 1 to 730"),
    ("channel add main https://x.example --step 0", "count from 1"),
    ("channel remove 99", "no such channel"),
    ("channel rotate 99", "no such channel"),
    ("channel test 99", "no such channel"),
    ("qr main --zone nope", "no zone “nope”"),
    ("qr nowhere", "no store"),
]


@pytest.mark.parametrize(("words", "sentence"), REFUSED)
def test_a_refusal_is_a_sentence_and_changes_nothing(run: Run, words: str, sentence: str) -> None:
    run("store", "list")
    before = everything()
    result = run(*words.split())
    assert result.exit_code != 0
    assert sentence in result.output and "Traceback" not in result.output
    assert everything() == before


@pytest.mark.parametrize("name", ["", " ", "x" * 81, "a\x00b", "a\x07b", "\ud800"])
@pytest.mark.parametrize(
    "command", [["line", "add", "main"], ["associate", "add", "main"], ["zone", "add", "main"]]
)
def test_what_is_no_name_is_refused(run: Run, command: list[str], name: str) -> None:
    run("store", "list")
    before = everything()
    assert run(*command, name).exit_code != 0
    assert everything() == before


def test_no_event_of_settings_holds_a_name(run: Run) -> None:
    run("associate", "add", "main", "Planted Name", "--pin", "123456")
    run("line", "add", "main", "Planted Line")
    run("channel", "add", "main", "https://planted.example/")
    run("device", "add", "main", "--kind", "tablet", "--name", "Planted Tablet")
    run("token", "create", "--store", "main", "--role", "kiosk", "--name", "Planted Token")
    with engine.read() as conn:
        details = conn.scalars(select(events.c.detail).where(events.c.type == "settings")).all()
        seq = conn.scalars(select(stores.c.seq)).one()
    assert "lanted" not in json.dumps(details)
    assert len(details) == seq


def test_the_journal_is_verified(run: Run, data: Path) -> None:
    said = run("audit", "verify")
    assert said.exit_code == 0 and "The journal of “main” is whole: events 1 to" in said.output
    [found] = json.loads(run("audit", "verify", "--json").output)
    assert (found["store"], found["fault"]) == ("main", None) and found["digest"] in said.output
    with engine.begin() as connection:
        connection.execute(text("UPDATE events SET type = 'rung' WHERE seq = 3"))
    said = run("audit", "verify")
    assert said.exit_code == 1
    assert said.output == "The journal of “main” is broken: event 3 is not as it was written.\n"
    broken = run("audit", "verify", "--json")
    assert broken.exit_code == 1 and json.loads(broken.output)[0]["fault_seq"] == 3


def test_privacy_is_set(run: Run) -> None:
    assert run("store", "set", "main", "--keep", "7d", "--team-mode", "on").exit_code == 0
    [store] = json.loads(run("store", "list", "--json").output)
    assert (store["kept_days"], store["team_mode"]) == (7, True)
    assert run("store", "set", "main", "--team-mode", "off").exit_code == 0
    [store] = json.loads(run("store", "list", "--json").output)
    assert (store["kept_days"], store["team_mode"]) == (7, False)


def test_a_company_account_is_linked_and_freed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Set SHOPBELL_OIDC_ISSUER" in run("associate", "link", "main", "Dee", "dee|7").output
    known = {"ISSUER": "https://accounts.example.com", "CLIENT_ID": "s", "CLIENT_SECRET": "x"}
    for name, value in known.items():
        monkeypatch.setenv(f"SHOPBELL_OIDC_{name}", value)
    monkeypatch.setenv("SHOPBELL_PUBLIC_URL", "https://help.example.com")
    assert run("associate", "link", "main", "Dee", "dee|7").output == "Linked Dee.\n"
    account = accounts.digest("https://accounts.example.com", "dee|7")
    dee = settings.person_of(account)
    assert dee and last_event()[2] == {"what": "account_linked", "person": dee}
    for name, subject, said in (
        ("Max", "dee|7", "linked already"),
        ("Dee", "other", "unlink that one first"),
        ("Zoe", "other", "no such person"),
        ("Max", "x" * 256, "1 to 255 characters"),
    ):
        refused = run("associate", "link", "main", name, subject)
        assert refused.exit_code == 1 and said in refused.output
    assert run("associate", "unlink", "main", "Dee").output == "Unlinked Dee.\n"
    assert settings.person_of(account) is None
