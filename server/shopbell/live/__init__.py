"""Live screens. Sockets carry news from the server to the screens and nothing back: a tap is a POST.

One mechanism tells everything: `tell` after a commit, a message of the bus and the heartbeat all read the
journal from where this process stands and send what they find. So whatever is lost is told again.
"""

from shopbell.live.closing import close_all, recheck, stopping
from shopbell.live.heart import beat, run
from shopbell.live.news import tell
from shopbell.live.outlet import use
from shopbell.live.screens import carries
from shopbell.live.sockets import listen

__all__ = ["beat", "carries", "close_all", "listen", "recheck", "run", "stopping", "tell", "use"]
