"""What a broadcast costs at its least: picows, whose framing and writing are compiled, and nothing around it.

``raw.py PORT``: answers WebSocket handshakes; for each line on stdin sends that line as a frame to everyone
and prints the CPU seconds it took.
"""

import asyncio
import sys
import time

from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

clients: list[WSTransport] = []


class Screen(WSListener):
    """One client: greeted like a screen, and nothing that it says is of interest."""

    def on_ws_connected(self, transport: WSTransport) -> None:
        transport.send(WSMsgType.TEXT, b"40")
        clients.append(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        pass


def _comes(request: WSUpgradeRequest) -> WSListener:
    return Screen()


async def main() -> None:
    """Serve until stdin ends."""
    server = await ws_create_server(_comes, "127.0.0.1", int(sys.argv[1]), backlog=2048)
    loop = asyncio.get_running_loop()
    async with server:
        print("ready", flush=True)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            print(_broadcast(line.strip().encode()), flush=True)


def _broadcast(line: bytes) -> float:
    began = time.thread_time()
    for client in clients:
        client.send(WSMsgType.TEXT, line)
    return time.thread_time() - began


if __name__ == "__main__":
    asyncio.run(main())
