#!/usr/bin/env python

import asyncio
import sys

import websockets


async def watch(uri):
    async with websockets.connect(uri) as websocket:
        try:
            while True:
                print("received", await websocket.recv())
        except websockets.ConnectionClosedOK as exc:
            print("all is well:", exc)
        except websockets.ConnectionClosedError as exc:
            print("something is wrong:", exc)


asyncio.run(watch(sys.argv[1]))
