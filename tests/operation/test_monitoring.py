"""What monitors ask for is what /metrics says: each name, each label and each word in them."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from tests.cli.fresh import process
from tests.world import World

from shopbell import bus, live, pulse, settings
from shopbell.app import create_app
from shopbell.config import Config
from shopbell.live import news, screens
from shopbell.live.screens import AUDIENCES, Credential, Screen
from shopbell.settings import CONSOLE

MONITORING = Path(__file__).parents[2] / "deploy/monitoring"
WORDS = {"state": {"open", "acknowledged", "failed"}, "audience": set(AUDIENCES)}
SCRAPED = {"instance", "job"}  # labels that Prometheus puts


@pytest.fixture
def app(world: World, tmp_path: Path) -> Iterator[Flask]:
    """The application on Main Street, with a tablet that listens."""
    yield create_app(Config.read({}, data=str(tmp_path)))
    for store_id in screens.stores():
        news.end(store_id)
    screens._connected.clear()
    bus.use(None)


def listens(world: World) -> None:
    screens.add("tablet", Screen(Credential("cookie", "x"), world.store, "staff"))
    news.begin(world.store)


def said(app: Flask) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """What /metrics says: name -> labels -> value."""
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = defaultdict(dict)
    for family in text_string_to_metric_families(app.test_client().get("/metrics").text):
        for sample in family.samples:
            found[sample.name][tuple(sorted(sample.labels.items()))] = sample.value
    return found


def expressions() -> Iterator[str]:
    rules = yaml.safe_load((MONITORING / "rules.yml").read_text())
    yield from (rule["expr"] for group in rules["groups"] for rule in group["rules"])
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    yield from (target["expr"] for panel in dashboard["panels"] for target in panel["targets"])


def test_every_name_and_label_is_one_that_we_say(app: Flask, world: World) -> None:
    listens(world)
    settings.add_channel(world.store, "https://hooks.example/x", world.now, CONSOLE)
    world.joins()
    world.passes(minutes=11)
    pulse.beat(world.now)
    from_us = said(app)
    labels = {name: {label for key in samples for label, _ in key} for name, samples in from_us.items()}
    asked = set()
    for expression in expressions():
        for name, chosen in re.findall(r"(shopbell_\w+)(?:\{([^}]*)\})?", expression):
            asked.add(name)
            named = dict(re.findall(r'(\w+)=~?"([^"]*)"', chosen))
            assert set(named) <= labels[name] | SCRAPED, expression
            for label, words in WORDS.items():
                if label in named:
                    assert set(named[label].split("|")) <= words, expression
        grouped = {
            word for group in re.findall(r"(?:by|on) \(([^)]*)\)", expression) for word in group.split(", ")
        }
        names = re.findall(r"shopbell_\w+", expression)
        assert grouped <= {label for name in names for label in labels[name]} | SCRAPED, expression
    assert asked <= set(from_us)
    signals = {"longest_wait_seconds", "alerts", "notices_overdue", "screens_behind"}
    assert {f"shopbell_{signal}" for signal in signals} <= asked


def test_a_message_that_nobody_sends_is_overdue_after_ten_seconds(app: Flask, world: World) -> None:
    settings.add_channel(world.store, "https://hooks.example/x", world.now, CONSOLE)
    world.joins()
    world.passes(minutes=10)
    counts = []
    for seconds in (10, 1):
        world.skips(seconds=seconds)
        counts.append(said(app)["shopbell_notices_overdue"][()])
    assert counts == [0, 1]


def test_a_screen_whose_store_has_news_untold_is_behind(app: Flask, world: World, tmp_path: Path) -> None:
    listens(world)
    main = (("store", "main"),)
    assert said(app)["shopbell_screens_behind"] == {main: 0}
    elsewhere = process("zone", "add", "main", "Aisle 8", "--data", str(tmp_path))
    assert elsewhere.returncode == 0, elsewhere.stderr
    assert said(app)["shopbell_screens_behind"] == {main: 1}
    live.beat(world.now)
    assert said(app)["shopbell_screens_behind"] == {main: 0}


def test_the_rules_wake_nobody_who_cannot_do_anything() -> None:
    rules = yaml.safe_load((MONITORING / "rules.yml").read_text())["groups"][0]["rules"]
    assert {rule["labels"]["severity"] for rule in rules} == {"page", "ticket", "store"}
    assert all("do" in rule["annotations"] for rule in rules if rule["labels"]["severity"] != "store")
    tested = yaml.safe_load((MONITORING / "rules.test.yml").read_text())
    named = {each["alertname"] for test in tested["tests"] for each in test["alert_rule_test"]}
    assert named <= {rule["alert"] for rule in rules} and len(named) >= 6
    assert tested["rule_files"] == ["rules.yml"]
