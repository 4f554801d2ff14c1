"""How long each customer will wait: never one number, and none when nobody is on the floor.

The live queue is let run forward from how it stands (Whitt 1999, Management Science 45(6): predict the whole
distribution, and use how long each service has lasted), since what customers waited so far is old news when
arrivals come in rushes (Ibrahim and Whitt 2009 and 2011: head-of-line and last-to-enter against queue length;
Senderovich and others 2015). How wide a range must be is learned from how earlier ones held (`calibrate`).
What is promised is the upper end: a minute past it drives people away (Webb, Yu, Bretthauer).

`Estimator` is all that others need: `observe` what happens, ask for `forecasts`. It keeps no clock and has no
luck, so the live floor, a replayed journal and a log of another system get the same answers from it.
"""

from shopbell.domain.estimate.estimator import Estimator, Forecast
from shopbell.domain.estimate.heard import Journal
from shopbell.domain.estimate.promise import Promise
from shopbell.domain.estimate.seen import Seen
from shopbell.domain.estimate.shown import LONG_S, NEXT_S, Range, shown

__all__ = [
    "LONG_S",
    "NEXT_S",
    "Estimator",
    "Forecast",
    "Journal",
    "Promise",
    "Range",
    "Seen",
    "shown",
]
