#!/usr/bin/env python

# Everybody sees the same counter, and may change it.

import asyncio
import json
import logging

import websockets

logging.basicConfig()

STATE = {"value": 0}
USERS = set()


def state_event():
    return json.dumps({"type": "state", **STATE})


def users_event():
    return json.dumps({"type": "users", "count": len(USERS)})


async def notify(message):
    if USERS:
        await asyncio.wait([asyncio.create_task(user.send(message)) for user in USERS])


async def counter(websocket, path):
    USERS.add(websocket)
    await notify(users_event())
    try:
        await websocket.send(state_event())
        async for message in websocket:
            data = json.loads(message)
            if data["action"] == "minus":
                STATE["value"] -= 1
                await notify(state_event())
            elif data["action"] == "plus":
                STATE["value"] += 1
                await notify(state_event())
            else:
                logging.error("unsupported event: %s", data)
    finally:
        USERS.remove(websocket)
        await notify(users_event())


start_server = websockets.serve(counter, "127.0.0.1", 0)

server = asyncio.get_event_loop().run_until_complete(start_server)
print(server.sockets[0].getsockname()[1], flush=True)
asyncio.get_event_loop().run_forever()
