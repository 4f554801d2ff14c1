"""`/setup`: five short steps for a first store, and everything that can be set ever after."""

from shopbell_staff.setup import (
    alerts,
    company,
    errors,
    lines,
    overview,
    pairing,
    password,
    people,
    privacy,
    screens,
    store,
    zones,
)
from shopbell_staff.setup.access import pages

__all__ = [
    "alerts",
    "company",
    "errors",
    "lines",
    "overview",
    "pages",
    "pairing",
    "password",
    "people",
    "privacy",
    "screens",
    "store",
    "zones",
]
