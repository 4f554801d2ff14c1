"""The services the tests stand on are real, empty at the start of each test, and never quietly missing."""

from pathlib import Path

import pytest
import redis
from sqlalchemy import create_engine, text


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_has_an_empty_database_of_its_own(database_url: str, time: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as db:
        db.execute(text("CREATE TABLE visits (id INTEGER PRIMARY KEY)"))  # fails where the other time left it
        assert db.execute(text("SELECT count(*) FROM visits")).scalar() == 0
    engine.dispose()


def test_postgresql_is_the_real_one(postgresql_url: str) -> None:
    engine = create_engine(postgresql_url)
    with engine.begin() as db:
        assert "PostgreSQL 18" in str(db.execute(text("SELECT version()")).scalar())
        assert db.execute(text("SELECT current_setting('server_encoding')")).scalar() == "UTF8"
    engine.dispose()


@pytest.mark.parametrize("time", ["first", "second"])
def test_valkey_is_the_real_one_and_empty(valkey_url: str, time: str) -> None:
    with redis.Redis.from_url(valkey_url, decode_responses=True) as client:
        assert client.info("server")["server_name"] == "valkey"
        assert client.dbsize() == 0
        client.set("left behind", time)


def test_valkey_passes_messages_on(valkey_url: str) -> None:
    with redis.Redis.from_url(valkey_url) as client, client.pubsub(ignore_subscribe_messages=True) as ear:
        ear.subscribe("store:1")
        ear.get_message(timeout=5)  # the subscription itself
        client.publish("store:1", b"seq 7")
        message = ear.get_message(timeout=5)
        assert message
        assert message["data"] == b"seq 7"


def test_a_skipped_test_fails_the_run(pytester: pytest.Pytester) -> None:
    pytester.makeconftest((Path(__file__).parent / "conftest.py").read_text())
    pytester.makepyfile(
        test_lacks="import pytest\n\ndef test_service():\n    pytest.skip('no PostgreSQL here')\n",
        test_absent="import pytest\n\npytest.importorskip('no_such_browser')\n",
        test_known="import pytest\n\n@pytest.mark.xfail(strict=True)\ndef test_bug():\n    assert False\n",
    )
    pytester.runpytest("--continue-on-collection-errors").assert_outcomes(failed=1, errors=1, xfailed=1)
