"""What staff see: the board on the tablet, the supervisor's view and the set-up."""

from shopbell_staff import (
    answer,
    battery,
    board_views,
    heard,
    pair,
    reach,
    setup,
    sheets,
    signing,
    supervisor,
)
from shopbell_staff.page import pages

__all__ = ["BLUEPRINTS", "board_views", "reach", "sheets", "signing", "supervisor"]

BLUEPRINTS = (pages, pair.pages, battery.pages, answer.pages, heard.pages, setup.pages)
