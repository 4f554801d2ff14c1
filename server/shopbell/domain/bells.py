"""The opening bell: once a day a real test, so that nobody learns from a lost alert that alerts are lost."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from shopbell.domain.hours import BadRule, Hours

AT_OPENING, OFF = None, "off"
ANSWERED_WITHIN = timedelta(minutes=10)
LOOK_AGAIN = timedelta(days=1)  # where none is to ring


def read(text: str) -> str | None:
    """When it rings: at opening (None), "off" or at a time of day as "08:45".

    Raises:
        BadRule: if it is none of these.
    """
    plain = text.strip().lower()
    if plain in ("", "opening"):
        return AT_OPENING
    if plain == OFF:
        return OFF
    try:
        return time.fromisoformat(plain.zfill(5)).strftime("%H:%M")
    except ValueError:
        raise BadRule(f"“{text[:20]}” is not a time. Write for example 08:45, opening or off.") from None


def next_at(bell: str | None, hours: Hours, now: datetime) -> datetime | None:
    """When it rings next: never where it is off, and at opening only where there are hours."""
    if bell == OFF:
        return None
    if bell is AT_OPENING:
        return hours.opens_at(now)
    zone, at = ZoneInfo(hours.timezone), time.fromisoformat(bell)
    today = now.astimezone(zone).date()
    days = (today + timedelta(days=n) for n in range(15))
    rings = ((day, datetime.combine(day, at, zone).astimezone(ZoneInfo("UTC"))) for day in days)
    return next((ring for day, ring in rings if ring > now and hours.opens_on(day)), None)
