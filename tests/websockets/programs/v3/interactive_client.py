#!/usr/bin/env python

# Sends the lines of its input, and prints what comes back.

import asyncio
import os
import sys

import websockets


async def talk(uri):
    loop = asyncio.get_event_loop()
    async with websockets.connect(uri) as websocket:
        while True:
            line = await loop.run_in_executor(None, sys.stdin.readline)
            if not line:
                break
            await websocket.send(line.rstrip("\n"))
            print(await websocket.recv(), flush=True)


if __name__ == "__main__":
    asyncio.get_event_loop().run_until_complete(talk(os.environ["URI"]))
