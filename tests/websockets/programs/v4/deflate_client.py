#!/usr/bin/env python

import asyncio
import sys

import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory


async def main(uri):
    factory = ClientPerMessageDeflateFactory(
        server_no_context_takeover=True,
        client_no_context_takeover=True,
        client_max_window_bits=10,
        compress_settings={"level": 9},
    )
    async with websockets.connect(uri, extensions=[factory]) as websocket:
        print([extension.name for extension in websocket.extensions])
        print(websocket.request_headers["Sec-WebSocket-Extensions"].split(",")[0])
        await websocket.send("spam " * 1000)
        print(len(await websocket.recv()))


asyncio.get_event_loop().run_until_complete(main(sys.argv[1]))
