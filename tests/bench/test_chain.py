"""The bench of a chain in miniature: that it works, and that its sums are sums."""

import pytest
from tests.bench import chain, sums
from tests.bench.plant import Used
from tests.bench.sums import Assumed, Costs

SMALL = "--stores 1 --tablets 8 --minutes 0.05 --speed 60 --idle 2 --web 1 --watch 1"
VISIT, COMES = "visit, all that belongs to it", "tablet comes"
IDLE = [f"{what} idle for a minute" for what in ("tablet", "server", "watch")]
OTHERS = (COMES, "tablet comes back", *IDLE)


@pytest.mark.timeout(400)
def test_a_chain_in_miniature_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    costs = chain.run(chain.arguments().parse_args(SMALL.split()))
    told = capsys.readouterr().out
    assert "refused: none; 5xx: 0" in told
    assert "tablets behind the database afterwards: 0" in told
    assert costs.of["claim on a tablet"].web > 0 and costs.of[VISIT].database > 0
    assert costs.changes > 1 and costs.socket_kb > 0 and costs.connections["web1"] > 0
    assert "10,000 stores" in told


def test_a_chain_needs_what_one_needs_as_often_as_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    one = Used(0, 0.06, 0, 0.12, 0, 10, 2, 0, 6000, 0)  # 60 ms of web, 120 of the database
    nothing = one.plus(one, -1)
    costs = Costs({VISIT: one, **dict.fromkeys(OTHERS, nothing)})
    costs.of["change at a further server"] = nothing
    assumed = Assumed(customers=600, hours=10, rush=120)
    average, opening, _ = assumed.minutes(100).values()
    assert (average[VISIT], opening[VISIT], opening[COMES]) == (100, 200, pytest.approx(100 * 20 / 15))
    sums.show(costs, assumed)
    told = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[2:4] for row in told if row[:1] == ["database,"]] == [["1.6", "3.2"], ["20.0", "40.0"]]
