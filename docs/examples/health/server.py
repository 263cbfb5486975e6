"""
A server that a load balancer or Kubernetes can look after.

    python docs/examples/health/server.py [PORT]

It answers plain HTTP beside WebSockets, on the same port:

    curl -i http://localhost:8765/healthz    whether the process lives
    curl -i http://localhost:8765/readyz     whether it wants more connections

SIGTERM, which ``kill`` and all kinds of supervisors send, makes it unready first. It goes on
to serve for a while, so that no new connections are sent here, and then says goodbye to each.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys

from ws_asyncio import WebSocketServerProtocol, serve
from ws_http import Headers

#: Seconds between SIGTERM and the end: longer than the load balancer takes to notice.
DRAIN = float(os.environ.get("DRAIN", "5"))


class Service:
    """An echo server, and what is to be known about its health."""

    def __init__(self) -> None:
        self.draining = asyncio.Event()

    async def handle(self, ws: WebSocketServerProtocol) -> None:
        async for message in ws:
            await ws.send(message)

    async def answer(self, path: str, headers: Headers) -> tuple[int, dict[str, str], bytes] | None:
        if path == "/healthz":
            return 200, {}, b"alive\n"
        if path == "/readyz":
            return (503, {}, b"draining\n") if self.draining.is_set() else (200, {}, b"ready\n")
        return None  # a WebSocket, or else the answer is 426 Upgrade Required


async def main(port: int = 8765) -> None:
    service = Service()
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # on Windows
        loop.add_signal_handler(signal.SIGTERM, service.draining.set)
    async with serve(service.handle, "localhost", port, process_request=service.answer) as server:
        print(f"ws://localhost:{port}/ is there; ^C ends it", flush=True)
        await service.draining.wait()
        print(f"unready; ends in {DRAIN:g} seconds", flush=True)
        await asyncio.sleep(DRAIN)
        # 1012 is "service restart": clients know that coming back is worth it.
        server.close(1012, "coming back soon")
    # All connections are closed now, and all handlers have returned.


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*map(int, sys.argv[1:])))
