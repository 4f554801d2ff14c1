"""The table of the API: every call, who may make it, what it takes and gives. Nothing else is reachable."""

from shopbell.api import journal, schemas, shapes, store, visits
from shopbell.api.entry import Route
from shopbell.domain.people import ABOVE, FLOOR, RIGHTS

EVERYONE = FLOOR | {"kiosk"}
KIOSK_MOVES = ("describe", "leave")

# move in the address -> (name of its right, body, what it is)
MOVES: dict[str, tuple[str, type[schemas.Ask], str]] = {
    "claim": ("claim", schemas.Claim, "I go to her: waiting → claimed"),
    "serve": ("serve", schemas.Nothing, "I am with her: claimed → serving"),
    "finish": ("finish", schemas.Finish, "Done: serving → served"),
    "still": ("still", schemas.Nothing, "I am still with her: the answer to whether the end was forgotten"),
    "return": ("return", schemas.Return, "Back to the list, on her old clock"),
    "transfer": ("transfer", schemas.Transfer, "To another line, on her old clock"),
    "cant-find": ("cant_find", schemas.Nothing, "Nobody there: her page asks where she is"),
    "no-show": ("no_show", schemas.Nothing, "Off the list after two looks at least two minutes apart"),
    "leave": ("leave", schemas.Leave, "She needs no help any more"),
    "reopen": ("reopen", schemas.Nothing, "Back on the list within 30 minutes of the end"),
    "describe": ("describe", schemas.Describe, "Changes name, zone, story, needs or language"),
    "note": ("note", schemas.AddNote, "A note for staff"),
    "prioritise": ("prioritise", schemas.Prioritise, "Sets or takes away a priority, shown with its reason"),
    "verify": ("verify", schemas.Nothing, "She is here: proves who joined from a poster not trusted"),
    "undo": ("undo", schemas.Nothing, "Takes back one's own last move within 30 seconds"),
}


def _move(name: str) -> Route:
    right, asks, summary = MOVES[name]
    roles = (RIGHTS[right] & FLOOR) | ({"kiosk"} if name in KIOSK_MOVES else frozenset())
    path, operation = f"/visits/{{visit}}/{name}", right.replace("_", " ").title().replace(" ", "")
    view = visits.move(name)
    return Route("POST", path, f"move{operation}", summary, view, roles, shapes.Visit, asks, refuses=(409,))


EVERYBODY_ROUTES = (
    Route("GET", "/stores/{store}", "readStore", "The store now", store.read_store, EVERYONE, shapes.Store),
    Route("GET", "/visits/{visit}", "readVisit", "One visit", visits.read, EVERYONE, shapes.Visit),
    Route(
        "POST",
        "/stores/{store}/visits",
        "join",
        "A customer joins a line",
        visits.join,
        EVERYONE,
        shapes.Visit,
        schemas.Join,
        status=201,
        refuses=(409,),
        takes_key=True,
    ),
)
LISTS = (
    Route(
        "GET",
        "/stores/{store}/visits",
        "listVisits",
        "Open visits, longest waiting first",
        visits.list_visits,
        FLOOR,
        shapes.Visits,
        query=schemas.VisitQuery,
    ),
    Route(
        "GET",
        "/stores/{store}/events",
        "listEvents",
        "The journal, with a long poll",
        journal.list_events,
        FLOOR,
        shapes.Events,
        query=schemas.EventQuery,
    ),
    Route(
        "GET",
        "/stores/{store}/alerts",
        "listAlerts",
        "Alerts, the latest 200",
        store.list_alerts,
        FLOOR,
        shapes.Alerts,
        query=schemas.AlertQuery,
    ),
    Route(
        "GET",
        "/stores/{store}/promises",
        "readPromises",
        "How well what customers were told held",
        store.read_promises,
        FLOOR,
        shapes.StorePromises,
        query=schemas.PromiseQuery,
    ),
)
PEOPLE = (
    Route(
        "POST",
        "/alerts/{alert}/acknowledge",
        "acknowledge",
        "Someone goes: the ladder stops",
        store.acknowledge,
        ABOVE,
        shapes.Alert,
        schemas.Acknowledge,
        refuses=(409,),
    ),
    Route(
        "PUT",
        "/me/presence",
        "putPresence",
        "Where the token's person is",
        store.put_presence,
        FLOOR,
        shapes.Member,
        schemas.Presence,
        refuses=(409,),
    ),
)
ROUTES: tuple[Route, ...] = (*EVERYBODY_ROUTES, *LISTS, *(_move(name) for name in MOVES), *PEOPLE)
