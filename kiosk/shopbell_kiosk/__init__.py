"""What customers see: the store kiosk, the phone join and the visit's own page."""

from shopbell_kiosk import about, kiosk, phone, status

# The smaller questions are views of the kiosk: imported, they are there.
assert about.QUESTIONS
BLUEPRINTS = (kiosk.pages, phone.pages, status.pages)
