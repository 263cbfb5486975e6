#!/usr/bin/env python

import asyncio
import sys

import websockets


async def greet(websocket, path):
    name = await websocket.recv()
    await websocket.send("Hello {} at {}!".format(name, path))


start_server = websockets.unix_serve(greet, sys.argv[1])
asyncio.get_event_loop().run_until_complete(start_server)
print("ready", flush=True)
asyncio.get_event_loop().run_forever()
