#!/usr/bin/env python

# Written against the development version, by the paths that it had.

import asyncio

from websockets.legacy.protocol import WebSocketCommonProtocol
from websockets.legacy.server import WebSocketServerProtocol, serve


async def tell(websocket, path):
    await websocket.send(str(isinstance(websocket, WebSocketCommonProtocol)))
    await websocket.send(str(isinstance(websocket, WebSocketServerProtocol)))


async def main():
    async with serve(tell, "127.0.0.1", 0) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.wait_closed()


asyncio.run(main())
