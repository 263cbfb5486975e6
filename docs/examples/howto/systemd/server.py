"""A server that systemd starts: with its socket, and told when it is ready."""

from __future__ import annotations

import asyncio
import os
import signal
import socket

from ws_asyncio import WebSocketServerProtocol, serve


async def echo(ws: WebSocketServerProtocol) -> None:
    async for message in ws:
        await ws.send(message)


def inherited_socket() -> socket.socket | None:
    """Give the socket that systemd listens on; None where it was started without one."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    return socket.socket(fileno=3)


def notify(state: str) -> None:
    """Tell systemd how things stand (sd_notify); nobody else wants to know."""
    address = os.environ.get("NOTIFY_SOCKET")
    if address is not None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.sendto(state.encode(), address.replace("@", "\0", 1))


async def main() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sock = inherited_socket()
    where = {"host": "127.0.0.1", "port": 8765} if sock is None else {"sock": sock}
    async with serve(echo, **where):
        notify("READY=1")
        await stop.wait()
        notify("STOPPING=1")


asyncio.run(main())
