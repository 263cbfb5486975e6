"""No WebSocket at all: bytes are given back as they come, or fixed ones. This is the limit."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from bench.servers.stage import HOST, Settings, port_of, run


class Echo(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


class TellAll(asyncio.Protocol):
    transports: ClassVar[set[Any]] = set()

    def connection_made(self, transport: Any) -> None:
        self.transports.add(transport)

    def data_received(self, data: bytes) -> None:
        for transport in self.transports:
            transport.write(data)


class Pretend(asyncio.Protocol):
    """Opens and closes connections with what was made before: the load generator has one key."""

    OPENING = (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    )
    CLOSING = b"\x88\x02\x03\xe8"

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.open = False

    def data_received(self, data: bytes) -> None:
        if self.open:
            self.transport.write(self.CLOSING)
            self.transport.write_eof()
        else:
            self.transport.write(self.OPENING)
            self.open = True


async def start(settings: Settings) -> int:
    protocol = TellAll if settings.broadcast else Pretend if settings.handshakes else Echo
    return port_of(await asyncio.get_running_loop().create_server(protocol, HOST, 0))


if __name__ == "__main__":
    run(start)
