#!/usr/bin/env python

import asyncio
import sys

import websockets


async def hello():
    websocket = await websockets.connect(sys.argv[1])
    try:
        name = input("What's your name? ")
        await websocket.send(name)
        print("> {}".format(name))
        greeting = await websocket.recv()
        print("< {}".format(greeting))
    finally:
        await websocket.close()


asyncio.get_event_loop().run_until_complete(hello())
