#!/usr/bin/env python

# From the time when recv() told the end by None, brought over 3.0 by legacy_recv.

import asyncio
import sys

import websockets


async def shout(websocket, path):
    while True:
        message = await websocket.recv()
        if message is None:
            break
        if not websocket.open:
            break
        await websocket.send(message.upper())
    print("%s: bye" % path)
    sys.stdout.flush()


start_server = websockets.serve(shout, "127.0.0.1", int(sys.argv[1]), legacy_recv=True)

loop = asyncio.get_event_loop()
loop.run_until_complete(start_server)
print("ready")
sys.stdout.flush()
loop.run_forever()
