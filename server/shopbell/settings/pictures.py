"""A picture for a line, guessed from its name: a kiosk is read faster with one."""

WORDS = {
    "phone": ("phone", "mobile", "handy", "telefon", "tablet"),
    "laptop": ("laptop", "computer", "pc", "notebook"),
    "wrench": ("repair", "service", "workshop", "fix", "broken"),
    "cable": ("cable", "part", "charger", "electric"),
    "return": ("return", "exchange", "refund"),
    "cart": ("checkout", "pay", "till", "order", "shop"),
    "paint": ("paint", "colour", "color"),
    "key": ("key", "lock"),
    "gift": ("pick-up", "pickup", "gift", "collect", "parcel"),
    "glasses": ("glasses", "optic", "eye"),
    "shirt": ("cloth", "fashion", "shirt", "fitting", "shoe"),
}


def picture(slug: str) -> str:
    """The name of an icon, "question" when no word of the slug tells."""
    # A word of ours begins one of the slug: "repairs", but not the "part" of a department.
    parts = f"-{slug}"
    return next(
        (icon for icon, words in WORDS.items() if any(f"-{word}" in parts for word in words)), "question"
    )
