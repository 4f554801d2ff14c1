"""Names people give, made fit for addresses."""

import re
import unicodedata


def slug(name: str) -> str:
    """The address form of a name: "Phone Repairs" -> "phone-repairs", "Çağrı" -> "cagri".

    Letters of scripts without a Latin form stay as they are.

    Raises:
        ValueError: nothing is left, as with "!!!".
    """
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ı", "i"))
    letters = "".join(mark for mark in plain if not unicodedata.combining(mark))
    found = "-".join(re.findall(r"[^\W_]+", letters))
    if not found:
        raise ValueError(f"{name!r} holds no letter or digit to make an address from.")
    return found
