"""What staff see: the board on the tablet, the supervisor's view and the set-up."""

from shopbell_staff import battery, board_views, pair, setup, sheets, signing, supervisor
from shopbell_staff.page import pages

__all__ = ["BLUEPRINTS", "board_views", "sheets", "signing", "supervisor"]

BLUEPRINTS = (pages, pair.pages, battery.pages, setup.pages)
