#!/usr/bin/env python

# Before connections looked after themselves, one did it like this.

import asyncio
import sys

import websockets


async def listen(uri):
    websocket = await websockets.connect(uri)
    quiet = 0
    while quiet < 2:
        try:
            message = await asyncio.wait_for(websocket.recv(), timeout=0.1)
        except asyncio.TimeoutError:
            quiet += 1
            try:
                pong_waiter = await websocket.ping()
                await asyncio.wait_for(pong_waiter, timeout=10)
            except asyncio.TimeoutError:
                print("the server is gone")
                return
            print("still there")
        else:
            print("message:", message)
    await websocket.close()


asyncio.get_event_loop().run_until_complete(listen(sys.argv[1]))
