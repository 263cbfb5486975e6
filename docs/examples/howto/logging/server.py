"""A server whose log tells connections apart."""

from __future__ import annotations

import asyncio
import logging

from ws_asyncio import WebSocketServerProtocol, serve


class Formatter(logging.Formatter):
    """Shows the beginning of the connection's id, where a record has one."""

    def format(self, record: logging.LogRecord) -> str:
        record.connection = getattr(record, "websocket_id", "-")[:8]
        return super().format(record)


async def echo(ws: WebSocketServerProtocol) -> None:
    ws.logger.info("connected from %s", ws.remote_address)
    async for message in ws:
        if message == "crash":
            raise ValueError("as you wish")
        await ws.send(message)


async def main() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(Formatter("%(levelname)s %(connection)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    async with serve(echo, "127.0.0.1", 8765) as server:
        await server.serve_forever()


asyncio.run(main())
