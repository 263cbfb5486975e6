#!/usr/bin/env python

# Before there was unix_connect(): connect the socket, and hand it over.

import asyncio
import socket
import sys

import websockets


async def main(path):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(path)
    async with websockets.connect("ws://localhost/here", sock=sock) as websocket:
        await websocket.send("Ada")
        print(await websocket.recv())


asyncio.get_event_loop().run_until_complete(main(sys.argv[1]))
