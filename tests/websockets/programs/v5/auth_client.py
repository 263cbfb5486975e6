#!/usr/bin/env python

import asyncio
import sys

import websockets


async def main(host, user, password):
    uri = f"ws://{user}:{password}@{host}/"
    try:
        async with websockets.connect(uri) as websocket:
            print(await websocket.recv())
    except websockets.exceptions.InvalidStatusCode as exc:
        print("refused:", exc.status_code)


asyncio.get_event_loop().run_until_complete(main(*sys.argv[1:]))
