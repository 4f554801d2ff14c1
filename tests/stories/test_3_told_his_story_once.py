"""Story 3: he told his story to five people. Here it travels with every claim, transfer and return."""

from tests.world import ANN, World


def test_the_story_and_its_notes_travel(world_on_both: World) -> None:
    world = world_on_both
    him = world.joins(name="Sam", story="Laptop will not start after the update.")
    world.does("Bo", "claim", him)
    world.does("Bo", "note", him, text="Not the battery, tried another.")
    world.does("Bo", "transfer", him, line="paint", note="Cy knows these.")
    world.does("Cy", "claim", him)
    row = world.row(him)
    assert row.story == "Laptop will not start after the update."
    assert [(note.by.name if note.by else None, note.text) for note in row.notes] == [
        ("Bo", "Not the battery, tried another."),
        ("Bo", "Cy knows these."),
    ]
    assert row.ticket == "R1" and row.line == "paint"


def test_she_can_add_a_word_with_its_time(world: World) -> None:
    from shopbell import floor

    ann = world.joins(story="It is slow.")
    world.passes(minutes=4)
    floor.describe(world.store, ann.id, ANN, world.now, word="It shows a grey screen now.")
    note = world.row(ann).notes[0]
    assert (note.by, note.text, note.at) == (None, "It shows a grey screen now.", world.now)


def test_the_journal_holds_no_word_of_it(world: World) -> None:
    from shopbell import floor
    from shopbell.db import engine, journal

    ann = world.joins(name="Annabel", story="private matter", phone="+1 555 0100")
    floor.describe(world.store, ann.id, ANN, world.now, name="Anna", story="another private matter")
    world.does("Bo", "note", ann, text="secret note")
    with engine.read() as connection:
        kept = repr(journal.since(connection, world.store, 0))
    for word in ("Anna", "private", "555", "secret"):
        assert word not in kept
