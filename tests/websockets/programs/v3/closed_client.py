#!/usr/bin/env python

import asyncio
import sys

import websockets
from websockets.exceptions import ConnectionClosed


async def watch(uri):
    websocket = await websockets.connect(uri)
    try:
        while True:
            print("received", await websocket.recv())
    except ConnectionClosed as exc:
        print("closed with code", exc.code, "because", exc.reason or "nobody said")
    print("open:", websocket.open)
    try:
        await websocket.send("too late")
    except websockets.ConnectionClosed:
        print("can't send any more")


asyncio.get_event_loop().run_until_complete(watch(sys.argv[1]))
