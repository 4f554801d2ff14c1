"""A backtest in sentences that a manager can hold against his own memory of those days."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from statistics import fmean, median

from shopbell.backtest.figures import Figures

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def sentences(figures: Figures, days: Mapping[int, date | None]) -> Iterator[str]:
    """The figures of a replay; ``days`` are its days, with their dates where known."""
    yield f"{_many(figures.customers, 'customer')} on {_many(len(days), 'day')}."
    if not figures.errors:
        yield "Too few of them waited to judge any range."
    else:
        yield from _ranges(figures)
    yield from _alerts(figures, days)


def _ranges(figures: Figures) -> Iterator[str]:
    yield (
        f"Judged on the last {_many(len(figures.errors), 'customer')} who waited and were helped; what came "
        "before was learned from."
    )
    yield (
        f"The range of 80 % held {_share(figures.inside)}, its upper end {_share(figures.under)}; it was "
        f"{median(figures.widths) / 60:.1f} min wide in the middle."
    )
    if figures.held:
        first, last = zip(*figures.held, strict=True)
        changes, delays = (fmean(each) for each in zip(*figures.changes, strict=True))
        yield (
            f"The clock time that she was shown first held {_share(first)}, the last one {_share(last)}; it "
            f"moved {changes:.1f} times for each, {delays:.1f} times to later."
        )
    ours_s = fmean(error[0] for error in figures.errors)
    yield f"Mean error {ours_s / 60:.1f} min. As a share of other rules':"
    for rule, ratio in figures.against().items():
        yield f"  {rule:<18}{ratio:.2f}"


def _alerts(figures: Figures, days: Mapping[int, date | None]) -> Iterator[str]:
    minutes = f"{figures.threshold_s / 60:g} min"
    passed = sum(figures.passed.values())
    yield f"{_many(len(days), 'day')}: {_people(passed)} passed {minutes}."
    of_weekday = Counter(day.weekday() for day in days.values() if day)
    for weekday, count in sorted(of_weekday.items()):
        there = sum(n for day, n in figures.passed.items() if _is(days, day, weekday))
        yield f"  {_many(count, WEEKDAYS[weekday])}: {_people(there)} passed {minutes}."
    if figures.warned:
        yield (
            f"A warning would have come before {figures.warned} of them, "
            f"{median(figures.warned_before_s) / 60:.1f} min ahead in the middle, and "
            f"{_many(figures.warned_for_nothing, 'time')} for nothing."
        )


def _is(days: Mapping[int, date | None], n: int, weekday: int) -> bool:
    day = days.get(n)
    return day is not None and day.weekday() == weekday


def _share(held: Sequence[bool]) -> str:
    return f"{100 * fmean(held):.1f} %"


def _many(count: int, one: str) -> str:
    return f"{count} {one}{'' if count == 1 else 's'}"


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
