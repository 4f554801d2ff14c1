"""A store's settings. Each change goes through the door and leaves an event of ids in the journal."""

from shopbell.domain.refused import Outdated, Stranded
from shopbell.settings.access import (
    create_token,
    invite_device,
    invited,
    list_tokens,
    rename_device,
    revoke_device,
    revoke_token,
)
from shopbell.settings.alerting import (
    add_channel,
    find_channel,
    ladder_of,
    list_channels,
    remove_channel,
    rotate_channel,
    set_ladder,
    show_ladder,
)
from shopbell.settings.checks import CONSOLE, mark, slug_of
from shopbell.settings.first import first_store, is_empty, is_unmanaged, opens_setup, setup_code
from shopbell.settings.lines import (
    add_line,
    add_lines,
    change_line,
    close_line,
    lift_line,
    list_lines,
    open_line,
)
from shopbell.settings.muting import mute, unmute
from shopbell.settings.pairing import asking, confirm_device, let_in, turn_away
from shopbell.settings.passwords import has_password, open_browser, set_password
from shopbell.settings.posters import answer_posters, proposed_posters
from shopbell.settings.privacy import privacy_of, set_kept, set_team_mode
from shopbell.settings.proof import proof, proof_code, prove
from shopbell.settings.reaching import (
    add_own_channel,
    list_own_channels,
    own_channel,
    prove_channel,
    remove_own_channel,
    ring_device,
)
from shopbell.settings.ringing import ring
from shopbell.settings.screens import care, list_devices, list_screens, take_care
from shopbell.settings.staff import (
    Someone,
    add_people,
    add_person,
    change_person,
    list_people,
    remove_person,
)
from shopbell.settings.stores import (
    add_store,
    change_store,
    list_stores,
    set_day,
    set_hours,
    set_threshold,
    store_id,
)
from shopbell.settings.zones import add_zone, add_zones, list_zones, remove_zone, rename_zone

__all__ = [
    "CONSOLE",
    "Outdated",
    "Someone",
    "Stranded",
    "add_channel",
    "add_line",
    "add_lines",
    "add_own_channel",
    "add_people",
    "add_person",
    "add_store",
    "add_zone",
    "add_zones",
    "answer_posters",
    "asking",
    "care",
    "change_line",
    "change_person",
    "change_store",
    "close_line",
    "confirm_device",
    "create_token",
    "find_channel",
    "first_store",
    "has_password",
    "invite_device",
    "invited",
    "is_empty",
    "is_unmanaged",
    "ladder_of",
    "let_in",
    "lift_line",
    "list_channels",
    "list_devices",
    "list_lines",
    "list_own_channels",
    "list_people",
    "list_screens",
    "list_stores",
    "list_tokens",
    "list_zones",
    "mark",
    "mute",
    "open_browser",
    "open_line",
    "opens_setup",
    "own_channel",
    "privacy_of",
    "proof",
    "proof_code",
    "proposed_posters",
    "prove",
    "prove_channel",
    "remove_channel",
    "remove_own_channel",
    "remove_person",
    "remove_zone",
    "rename_device",
    "rename_zone",
    "revoke_device",
    "revoke_token",
    "ring",
    "ring_device",
    "rotate_channel",
    "set_day",
    "set_hours",
    "set_kept",
    "set_ladder",
    "set_password",
    "set_team_mode",
    "set_threshold",
    "setup_code",
    "show_ladder",
    "slug_of",
    "store_id",
    "take_care",
    "turn_away",
    "unmute",
]
