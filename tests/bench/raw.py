"""What a broadcast cannot cost less than, in Python: one frame, and one `send` for each client.

``raw.py PORT``: answers WebSocket handshakes; for each line on stdin sends that line as a frame to everyone
and prints the CPU seconds it took.
"""

import selectors
import socket
import sys
import time

from shopbell.live.framing import frame

ACCEPT = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


def main() -> None:
    """Serve until stdin ends."""
    listener, clients = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=2048), []
    watched = selectors.DefaultSelector()
    watched.register(listener, selectors.EVENT_READ)
    watched.register(sys.stdin, selectors.EVENT_READ)
    print("ready", flush=True)
    while True:
        for key, _ in watched.select():
            if key.fileobj is not listener:
                if not (line := sys.stdin.readline()):
                    return
                print(_broadcast(clients, line.strip()), flush=True)
            else:
                client, _ = listener.accept()
                client.recv(65536)
                client.sendall(ACCEPT + frame("40"))
                client.setblocking(False)
                clients.append(client)


def _broadcast(clients: list[socket.socket], line: str) -> float:
    began = time.process_time()
    sent = frame(line)
    for client in clients:
        client.send(sent)
    return time.process_time() - began


if __name__ == "__main__":
    main()
