"""Fan-out near the wire: a packet goes straight to a screen's socket, without waking the greenlet that writes
for that screen, which costs several times as much as the writing does.

Only while that one is idle: nothing waits in its queue, and it is not in the midst of a frame. What the
kernel does not take of a frame goes into the queue, and the socket stays locked until it is out: nothing
comes in between. All else (who is where, pings, slow screens, the end) is as without it.
"""

from typing import Any

from engineio.packet import Packet

from shopbell.live.framing import Rest, frame


def near(eio: Any) -> None:
    """Have this Engine.IO server send near the wire whenever it can."""
    stock = eio.send_packet

    def send_packet(sid: str, packet: Packet) -> None:
        socket = eio.sockets.get(sid)
        if socket is None or not _is_sent(socket, packet):
            stock(sid, packet)

    eio.send_packet = send_packet


def _is_sent(socket: Any, packet: Packet) -> bool:
    ws = getattr(getattr(socket, "wire", None), "ws", None)
    if ws is None or not ws.connected or socket.closed or socket.closing or socket.queue.qsize():
        return False
    if not socket.check_ping_timeout():
        return True  # it is gone, as the stock way finds out too
    try:
        rest = ws.sock.begin(frame(packet.encode()))  # type: ignore[no-untyped-call]
    except OSError:
        return False  # its writer will find out, and end it
    if rest:
        socket.queue.put(Rest(rest))
    return rest is not None
