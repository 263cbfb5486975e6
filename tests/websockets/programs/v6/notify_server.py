#!/usr/bin/env python

# What one says, everybody hears.

import asyncio

import websockets

USERS = set()


async def talk(websocket, path):
    USERS.add(websocket)
    try:
        async for message in websocket:
            await asyncio.wait([user.send(message) for user in USERS])
    finally:
        USERS.remove(websocket)


start_server = websockets.serve(talk, "127.0.0.1", 0)

server = asyncio.get_event_loop().run_until_complete(start_server)
print(server.sockets[0].getsockname()[1], flush=True)
asyncio.get_event_loop().run_forever()
