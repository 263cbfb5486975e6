#!/usr/bin/env python

import asyncio
import ssl
import sys

import websockets

ssl_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
ssl_context.load_verify_locations(sys.argv[1])


async def hello():
    async with websockets.connect(sys.argv[2], ssl=ssl_context) as websocket:
        await websocket.send("Ada")
        print(await websocket.recv())


asyncio.get_event_loop().run_until_complete(hello())
