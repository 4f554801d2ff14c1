"""What is not there any more, said on a set-up page."""

from flask import Response

from shopbell.floor import NotFound
from shopbell_staff.setup.access import pages
from shopbell_staff.setup.page import Fault, show


@pages.errorhandler(NotFound)
def gone(error: NotFound) -> Response:
    """Someone else has removed it meanwhile, or it never was here."""
    return show("gone.html", "", Fault(status=404))
