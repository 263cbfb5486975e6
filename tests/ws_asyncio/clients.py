"""A client that a test plays, and what a server is to the connections that it accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ws_asyncio.server_protocol import WebSocketServerProtocol
from ws_http import Headers, Request, build_request

if TYPE_CHECKING:
    from tests.ws_asyncio.peers import Peer


class Server:
    """What a server is to its connections: a list of them."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.connections: set[WebSocketServerProtocol] = set()
        self.closing = False

    def register(self, protocol: WebSocketServerProtocol) -> None:
        self.events.append("register")
        self.connections.add(protocol)
        if self.closing:
            protocol.shut_down(1001, "")

    def unregister(self, protocol: WebSocketServerProtocol) -> None:
        self.events.append("unregister")
        self.connections.discard(protocol)


async def echo(connection: WebSocketServerProtocol, path: str) -> None:
    async for message in connection:
        await connection.send(message)


class Client:
    """A client that a test plays."""

    def __init__(self, peer: Peer, server: Server) -> None:
        assert isinstance(peer.protocol, WebSocketServerProtocol)
        self.peer = peer
        self.server = server
        self.protocol = peer.protocol
        self.transport = peer.transport

    async def open(self, *rest: bytes, target: str = "/", **headers: str) -> None:
        """Do the opening handshake."""
        await self.peer.send(request(target, **headers), *rest)
        await self.peer.turn()
        response = self.transport.writes.pop(0)
        assert response.startswith(b"HTTP/1.1 101 "), response

    async def get_status(self) -> int:
        """Tell how the request was refused."""
        await self.peer.turn()
        (response,) = self.transport.writes
        assert self.transport.eof
        return int(response.split()[1])


def request(target: str = "/", **headers: str) -> bytes:
    fields = Headers({"Host": "localhost"})
    build_request(fields)
    fields.update({name.replace("_", "-"): value for name, value in headers.items()})
    return Request("GET", target, fields).serialize()
