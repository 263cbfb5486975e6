#!/usr/bin/env python

import asyncio
import sys

import websockets


async def listen():
    websocket = await websockets.connect(sys.argv[1], legacy_recv=True)
    while True:
        message = await websocket.recv()
        if message is None:
            print("closed", websocket.close_code, websocket.state_name)
            break
        print(message)


asyncio.get_event_loop().run_until_complete(listen())
