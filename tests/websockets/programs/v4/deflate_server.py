#!/usr/bin/env python

import asyncio
import zlib

import websockets
from websockets.extensions import permessage_deflate


async def repeat(websocket, path):
    (extension,) = websocket.extensions
    print(extension.name, flush=True)
    async for message in websocket:
        await websocket.send(message * 100)


start_server = websockets.serve(
    repeat,
    "127.0.0.1",
    0,
    compression=None,
    extensions=[
        permessage_deflate.ServerPerMessageDeflateFactory(
            server_max_window_bits=11,
            client_max_window_bits=11,
            compress_settings={"memLevel": 4, "strategy": zlib.Z_DEFAULT_STRATEGY},
        )
    ],
)

loop = asyncio.get_event_loop()
server = loop.run_until_complete(start_server)
print(server.sockets[0].getsockname()[1], flush=True)
loop.run_forever()
