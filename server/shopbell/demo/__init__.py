"""The demo: an invented store whose day is played through the floor's door, in a database of its own."""

from shopbell.demo.furnish import PIN, Store
from shopbell.demo.mark import NotTheDemo
from shopbell.demo.pages import SCREENS, here, pages
from shopbell.demo.player import Player, begin

__all__ = ["PIN", "SCREENS", "NotTheDemo", "Player", "Store", "begin", "here", "pages"]
