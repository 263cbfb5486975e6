#!/usr/bin/env python

import asyncio
import sys

import websockets


async def main(path):
    async with websockets.unix_connect(path, "ws://localhost/there") as websocket:
        await websocket.send("Grace")
        print(await websocket.recv())


asyncio.run(main(sys.argv[1]))
