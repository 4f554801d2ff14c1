"""What customers see: the store kiosk, the phone join and the visit's own page."""

from shopbell_kiosk import about, again, display, kiosk, phone, promise, status

# These are further views of the kiosk and of the phone's join: imported, they are there.
assert about.QUESTIONS and again.BY_NUMBER
BLUEPRINTS = (kiosk.pages, phone.pages, status.pages, display.pages, promise.pages)
