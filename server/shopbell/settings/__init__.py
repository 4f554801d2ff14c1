"""A store's settings. Each change goes through the door and leaves an event of ids in the journal."""

from shopbell.settings.access import (
    create_token,
    invite_device,
    list_devices,
    list_tokens,
    revoke_device,
    revoke_token,
)
from shopbell.settings.alerting import (
    add_channel,
    find_channel,
    is_webhook,
    list_channels,
    remove_channel,
    rotate_channel,
    set_ladder,
    show_ladder,
)
from shopbell.settings.checks import CONSOLE, slug_of
from shopbell.settings.first import First, first_store, is_empty, opens_setup, setup_code
from shopbell.settings.staff import add_person
from shopbell.settings.stores import add_line, add_store, add_zone, list_stores, set_hours, store_id

__all__ = [
    "CONSOLE",
    "First",
    "add_channel",
    "add_line",
    "add_person",
    "add_store",
    "add_zone",
    "create_token",
    "find_channel",
    "first_store",
    "invite_device",
    "is_empty",
    "is_webhook",
    "list_channels",
    "list_devices",
    "list_stores",
    "list_tokens",
    "opens_setup",
    "remove_channel",
    "revoke_device",
    "revoke_token",
    "rotate_channel",
    "set_hours",
    "set_ladder",
    "setup_code",
    "show_ladder",
    "slug_of",
    "store_id",
]
