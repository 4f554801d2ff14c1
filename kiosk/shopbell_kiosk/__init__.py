"""What customers see: the store kiosk, the phone join and the visit's own page."""
