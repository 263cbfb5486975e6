#!/usr/bin/env python

import asyncio
import sys

import websockets


async def follow(uri, count):
    seen = 0
    while seen < count:
        try:
            async with websockets.connect(uri, ping_interval=10, ping_timeout=5) as websocket:
                async for message in websocket:
                    seen += 1
                    print(message)
                print("ended")
        except (OSError, websockets.ConnectionClosed) as exc:
            print("lost:", exc)


asyncio.run(follow(sys.argv[1], int(sys.argv[2])))
