"""The door: every change of every visit, alert and presence goes through here."""

from shopbell.db.places import Busy, NotFound
from shopbell.domain.said import Invalid
from shopbell.domain.visit import NotAllowed
from shopbell.floor.alone import look_around
from shopbell.floor.bells import answer_bell, tend_bell
from shopbell.floor.bursts import leave_group, suspect, undo_group
from shopbell.floor.clockwork import (
    acknowledge,
    acknowledge_all,
    escalate,
    escalate_all,
    follow_clock,
    hand_over,
)
from shopbell.floor.door import Floor, change
from shopbell.floor.erase import erase_phone
from shopbell.floor.forget import forget_phones, forget_told, forget_who
from shopbell.floor.join import Closed, Joined, forget_keys, join
from shopbell.floor.moves import (
    MOVES,
    cant_find,
    claim,
    deny,
    describe,
    finish,
    leave,
    no_show,
    note,
    prioritise,
    reopen,
    return_,
    say_helped,
    seen,
    serve,
    still,
    still_here,
    transfer,
    undo,
    verify,
)
from shopbell.floor.ranges import refresh, stale, where_told
from shopbell.floor.team import go_off, lapse, set_presence, sign_in, sign_out, touch

__all__ = [
    "MOVES",
    "Busy",
    "Closed",
    "Floor",
    "Invalid",
    "Joined",
    "NotAllowed",
    "NotFound",
    "acknowledge",
    "acknowledge_all",
    "answer_bell",
    "cant_find",
    "change",
    "claim",
    "deny",
    "describe",
    "erase_phone",
    "escalate",
    "escalate_all",
    "finish",
    "follow_clock",
    "forget_keys",
    "forget_phones",
    "forget_told",
    "forget_who",
    "go_off",
    "hand_over",
    "join",
    "lapse",
    "leave",
    "leave_group",
    "look_around",
    "no_show",
    "note",
    "prioritise",
    "refresh",
    "reopen",
    "return_",
    "say_helped",
    "seen",
    "serve",
    "set_presence",
    "sign_in",
    "sign_out",
    "stale",
    "still",
    "still_here",
    "suspect",
    "tend_bell",
    "touch",
    "transfer",
    "undo",
    "undo_group",
    "verify",
    "where_told",
]
