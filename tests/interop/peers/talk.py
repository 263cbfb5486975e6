"""
What all peers of other makes have to do, for those that are written in Python.

A client reads lines of a URI and ``deflate`` or ``none``; it connects to one after the other. A
server has the transport, ``tls`` or ``plain``, and the compression in its arguments. Both echo
what comes until the connection ends, and print how it did; some messages ask for more.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
import socket
import ssl
import sys
from collections.abc import Awaitable, Sequence
from typing import Any, Callable, Protocol, Union

Data = Union[str, bytes]

#: Its key and itself, in one file.
CERTIFICATE = os.environ["INTEROP_CERTIFICATE"]


class End(Protocol):
    """What can be done with a connection; each library has its own way."""

    subprotocol: str | None

    async def send(self, message: Data) -> None: ...

    async def send_fragments(self, fragments: Sequence[str]) -> None: ...

    async def ping(self, data: bytes) -> None:
        """Ping, and have ``pong <data>`` sent when the answer comes."""

    async def close(self, code: int, reason: str) -> None: ...


async def answer(end: End, message: Data) -> None:
    """Do what a message asks for, or send it back."""
    if message == "which subprotocol":
        await end.send(end.subprotocol or "none")
    elif message == "fragments":
        await end.send_fragments(["frag", "men", "ts"])
    elif message == "ping me":
        await end.ping(b"abc")
    elif message == "close me":
        await end.close(4002, "that was all")
    else:
        await end.send(message)


def tell_end(code: int | None, reason: str | None) -> None:
    print(f"closed {code} {reason or ''}", flush=True)


def listen() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def tell_port(sock: socket.socket) -> None:
    print("listening on", sock.getsockname()[1], flush=True)


def server_context(transport: str) -> ssl.SSLContext | None:
    if transport == "plain":
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def client_context(uri: str) -> ssl.SSLContext | None:
    return ssl.create_default_context(cafile=CERTIFICATE) if uri.startswith("wss:") else None


Connect = Callable[[str, bool], Any]
Serve = Callable[[str, bool], Awaitable[None]]


def main(version: str, connect: Connect | None, serve: Serve | None) -> None:
    """Be the client or the server that the arguments ask for."""
    print("is", version, flush=True)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    role, *arguments = sys.argv[-3:] if "server" in sys.argv else sys.argv[-1:]
    if role == "server":
        assert serve is not None
        asyncio.run(_forever(serve, *arguments))
        return
    assert connect is not None
    for line in sys.stdin:
        uri, compression = line.split()
        made = connect(uri, compression == "deflate")
        if inspect.iscoroutine(made):
            asyncio.run(made)


async def _forever(serve: Serve, transport: str, compression: str) -> None:
    await serve(transport, compression == "deflate")
    await asyncio.Event().wait()
