#!/usr/bin/env python

import asyncio
import sys

import websockets


async def where(websocket, path):
    await websocket.send(websocket.local_address[0])


async def main(hosts):
    server = await websockets.serve(where, hosts, 0)
    for sock in server.sockets:
        print(*sock.getsockname()[:2], flush=True)
    await server.wait_closed()


asyncio.run(main(sys.argv[1:]))
