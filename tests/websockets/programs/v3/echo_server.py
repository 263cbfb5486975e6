#!/usr/bin/env python

import asyncio

import websockets


async def echo(websocket, path):
    while True:
        message = await websocket.recv()
        await websocket.send(message)


loop = asyncio.get_event_loop()
server = loop.run_until_complete(websockets.serve(echo, "127.0.0.1", 0))
print(server.sockets[0].getsockname()[1], flush=True)
loop.run_forever()
