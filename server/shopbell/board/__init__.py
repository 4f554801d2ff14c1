"""The read side of the house: what screens, pushes and the API are made from."""

from shopbell.board.alerts import Alerted, alerted, read_alert, read_alerts, store_of_alert
from shopbell.board.reach import Reach, Way, reach_text, read_bell, read_reach
from shopbell.board.read import read_board, read_ended, read_row, read_visit, rows_of, store_of_visit
from shopbell.board.shapes import alert_json, person_json, range_json, store_json, time_text, visit_json
from shopbell.board.status import find_open_by_phone, find_open_by_ticket, read_status
from shopbell.board.stores import read_place, read_store, read_what_if, store_by_slug
from shopbell.board.team import by_rank, floor_of, read_team
from shopbell.board.views import (
    Alert,
    Board,
    Happened,
    Held,
    LineView,
    Member,
    Note,
    Notice,
    Place,
    Row,
    Status,
    StoreView,
    Told,
    WhatIf,
)
from shopbell.db.places import NotFound
from shopbell.domain.people import PersonRef

__all__ = [
    "Alert",
    "Alerted",
    "Board",
    "Happened",
    "Held",
    "LineView",
    "Member",
    "NotFound",
    "Note",
    "Notice",
    "PersonRef",
    "Place",
    "Reach",
    "Row",
    "Status",
    "StoreView",
    "Told",
    "Way",
    "WhatIf",
    "alert_json",
    "alerted",
    "by_rank",
    "find_open_by_phone",
    "find_open_by_ticket",
    "floor_of",
    "person_json",
    "range_json",
    "reach_text",
    "read_alert",
    "read_alerts",
    "read_bell",
    "read_board",
    "read_ended",
    "read_place",
    "read_reach",
    "read_row",
    "read_status",
    "read_store",
    "read_team",
    "read_visit",
    "read_what_if",
    "rows_of",
    "store_by_slug",
    "store_json",
    "store_of_alert",
    "store_of_visit",
    "time_text",
    "visit_json",
]
