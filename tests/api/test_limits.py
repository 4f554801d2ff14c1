"""How often a token may ask: far more than a busy till does, and not without end."""

from tests.api.world import World, problem

from shopbell.api.entry import BY_TOKEN
from shopbell.auth import limits, tokens
from shopbell.db import engine


def spends(world: World, who: str, times: int) -> None:
    """As if this token had asked so often at this moment."""
    with engine.read() as connection:
        token = tokens.by_text(connection, world.tokens[who])
    assert token
    with world.app.app_context():
        for _ in range(times):
            limits.spend(BY_TOKEN, str(token.id), world.now)


def test_a_busy_integration_never_meets_it(world: World) -> None:
    """Ten calls a second for a minute, after 500 at once."""
    spends(world, "bo", 500)
    for _ in range(60):
        spends(world, "bo", 10)
        world.passes(seconds=1)
    assert world.ask("bo", "GET", "/stores/main").status_code == 200


def test_a_loop_without_an_end_is_told_when_it_may_ask_again(world: World) -> None:
    spends(world, "bo", BY_TOKEN.most)
    before = world.seq()
    refused = world.ask("bo", "POST", "/stores/main/visits", json={"line": "repairs"})
    problem(refused, 429, "too_many_requests")
    assert refused.headers["Retry-After"] == "1" and world.seq() == before
    assert world.ask("cy", "GET", "/stores/main").status_code == 200  # another token has its own
    world.passes(seconds=1)
    assert world.ask("bo", "GET", "/stores/main").status_code == 200


def test_who_has_no_token_is_not_counted(world: World) -> None:
    spends(world, "bo", BY_TOKEN.most)
    assert world.ask(None, "GET", "/stores/main").status_code == 401
