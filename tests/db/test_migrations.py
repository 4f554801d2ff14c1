"""The migrations make exactly the tables of the code, on both databases; a newer one is refused."""

from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from tests.world import World

from shopbell import audit, settings
from shopbell.db import engine, meta, migrate, places
from shopbell.db.tables import channels, metadata, stores


def test_migrations_and_tables_agree(database_url: str) -> None:
    migrate.upgrade(database_url)
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert migrate.revision(connection) == migrate.head()


def test_migrating_again_changes_nothing_and_keeps_the_epoch(database_url: str) -> None:
    migrate.upgrade(database_url)
    with engine.begin() as connection:
        epoch = meta.kept(connection, "epoch")
    migrate.upgrade(database_url)
    with engine.begin() as connection:
        assert meta.kept(connection, "epoch") == epoch != meta.kept(connection, "secret")


def test_a_newer_database_is_refused_in_a_sentence(database_url: str) -> None:
    migrate.upgrade(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.NewerDatabase, match="newer Shopbell"):
        migrate.upgrade(database_url)


@pytest.mark.parametrize(
    "lie",
    [
        "UPDATE visits SET state = 'asleep'",
        "UPDATE visits SET state = 'claimed'",
        "UPDATE visits SET state = 'served'",
        "UPDATE visits SET low_s = 60, high_s = 60",
        "UPDATE visits SET line_id = 999",
        "UPDATE stores SET threshold_s = 0",
        "UPDATE presence SET status = 'asleep'",
        "INSERT INTO grants (person_id, store_id, role) SELECT id, 1, 'king' FROM people",
        "INSERT INTO events SELECT * FROM events",
    ],
)
def test_the_database_keeps_the_truths(world_on_both: World, lie: str) -> None:
    world_on_both.comes("Bo")
    world_on_both.joins()
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(lie))


def test_a_time_without_a_zone_is_refused(world: World) -> None:
    with pytest.raises(Exception, match="without a zone"), engine.begin() as connection:
        connection.execute(stores.update().values(created_at=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_sqlite_keeps_what_it_confirms(world: World) -> None:
    with engine.begin() as connection:
        asked = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in engine.PRAGMAS}
    on = {"foreign_keys": 1, "secure_delete": 1}
    assert asked == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 5000, **on}


def test_a_store_of_the_first_tables_comes_along_whole(database_url: str) -> None:
    engine.use(database_url)
    with engine.begin() as connection:
        command.upgrade(migrate.config(connection), "0001")
        connection.execute(text(
            "INSERT INTO stores (slug, name, timezone, threshold_s, languages, ladder, grace_s, created_at,"
            " seq) VALUES ('main', 'Main Street', 'UTC', 600, '[\"en\"]', '[[600, \"supervisors\"]]', 3600,"
            " '2026-11-20 10:00:00+00', 1)"
        ))  # fmt: skip
        connection.execute(text(
            "INSERT INTO events (store_id, seq, type, at, by_kind, detail)"
            " VALUES (1, 1, 'rung', '2026-11-20 10:00:00+00', 'console', '{}')"
        ))  # fmt: skip
        connection.execute(text(
            "INSERT INTO channels (store_id, name, url, secret, created_at)"
            " VALUES (1, 'chain', 'https://chain.example/', 'whsec_x', '2026-11-20 10:00:00+00')"
        ))  # fmt: skip
    migrate.upgrade(database_url)
    with engine.read() as connection:
        store = places.store(connection, 1)
        channel = connection.execute(select(channels)).one()
    assert (channel.store_id, channel.url, channel.secret) == (1, "https://chain.example/", "whsec_x")
    assert (channel.person_id, channel.device_id, channel.proven_at) == (None, None, None)
    assert (store.name, store.words, store.hours.always) == ("Main Street", {}, True)
    assert (store.kept_days, store.is_team, store.team_at) == (30, False, None)
    settings.ring(1, datetime(2026, 11, 21, tzinfo=UTC), settings.CONSOLE)
    [found] = audit.verify()
    assert (found.first, found.seq, found.fault) == (2, 2, None)  # the journal is chained from now on


def test_whoever_asks_every_second_does_not_have_all_migrations_read(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate.upgrade(sqlite_url)
    newest = migrate.head()
    monkeypatch.setattr(migrate, "ScriptDirectory", None)  # whoever read again would fall over it
    with engine.read() as connection:
        assert migrate.revision(connection) == migrate.head() and migrate.head() == newest
