#!/usr/bin/env python

import asyncio
import ssl
import sys

import websockets


async def hello(websocket, path):
    name = await websocket.recv()
    await websocket.send(f"Hello {name}!")


ssl_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
ssl_context.load_cert_chain(sys.argv[1])

start_server = websockets.serve(hello, "localhost", int(sys.argv[2]), ssl=ssl_context)

asyncio.get_event_loop().run_until_complete(start_server)
print("ready", flush=True)
asyncio.get_event_loop().run_forever()
