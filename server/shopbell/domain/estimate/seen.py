"""What the estimator is told: one small record for each thing that happens on a floor."""

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that happened.

    Attributes:
        at: seconds by the store's own clock, from any midnight on: ``at // 86400`` is a day.
        what: of a customer ``joins``, ``taken`` (somebody is on the way to her), ``starts``, ``ends``,
            ``leaves``, ``waits`` (back on the list); of somebody of the staff ``on``, ``away`` (comes
            back), ``off``, ``out`` (one or the other: nobody said).
        since: when her wait began, if that is not ``at``. In the same seconds.
        skills: the kinds of help that ``server`` gives; None means all.
        until: when he said he would be back.
        confirmed: whether somebody said that this end was the end; what nobody said teaches nothing.
    """

    at: float
    what: str
    customer: Hashable = None
    kind: str = ""
    priority: int = 0
    server: Hashable = None
    skills: frozenset[str] | None = None
    since: float | None = None
    until: float | None = None
    confirmed: bool = True
