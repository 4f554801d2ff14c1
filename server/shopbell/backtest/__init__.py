"""What the estimator would have said on days that are over: a log of any queue, or a store's own journal.

The same estimator as on the live floor sees each thing when it happened, and no earlier.
"""

from shopbell.backtest import report
from shopbell.backtest.columns import BadLog, Columns
from shopbell.backtest.figures import Figures
from shopbell.backtest.journal import of_store
from shopbell.backtest.log import Log, read
from shopbell.backtest.replay import HEADER, Row, replay

__all__ = ["HEADER", "BadLog", "Columns", "Figures", "Log", "Row", "of_store", "read", "replay", "report"]
