#!/usr/bin/env python

# Whoever is connected gets what anybody says.

import asyncio

import websockets

USERS = set()


async def register(websocket):
    USERS.add(websocket)
    await notify("{} here".format(len(USERS)))


async def unregister(websocket):
    USERS.remove(websocket)
    await notify("{} here".format(len(USERS)))


async def notify(message):
    if USERS:  # asyncio.wait doesn't take an empty list
        await asyncio.wait([asyncio.ensure_future(user.send(message)) for user in USERS])


async def chat(websocket, path):
    await register(websocket)
    try:
        async for message in websocket:
            await notify("{}: {}".format(path[1:], message))
    finally:
        await unregister(websocket)


start_server = websockets.serve(chat, "127.0.0.1", 0)
server = asyncio.get_event_loop().run_until_complete(start_server)
print("chat on port", server.sockets[0].getsockname()[1], flush=True)
asyncio.get_event_loop().run_forever()
