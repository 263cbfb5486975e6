#!/usr/bin/env python

import asyncio
import sys

import websockets


class LoudProtocol(websockets.WebSocketClientProtocol):
    async def send(self, data):
        await super().send(data.upper())


loop = asyncio.new_event_loop()


async def main(uri):
    websocket = await websockets.connect(uri, klass=LoudProtocol, timeout=5, loop=loop)
    await websocket.send("hello")
    print(await websocket.recv())
    print("server at port", websocket.port, "TLS" if websocket.secure else "plain")
    await websocket.close()


loop.run_until_complete(main(sys.argv[1]))
loop.close()
