"""No WebSocket at all: the bytes are given back as they come. This is the limit."""

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


async def start(settings: Settings) -> int:
    protocol = TellAll if settings.broadcast else Echo
    return port_of(await asyncio.get_running_loop().create_server(protocol, HOST, 0))


if __name__ == "__main__":
    run(start)
