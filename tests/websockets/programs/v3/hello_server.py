#!/usr/bin/env python

import asyncio
import socket

import websockets

sock = socket.socket()
sock.bind(("127.0.0.1", 0))


async def hello(websocket, path):
    name = await websocket.recv()
    print("< {}".format(name), flush=True)
    greeting = "Hello {}!".format(name)
    await websocket.send(greeting)
    print("> {}".format(greeting), flush=True)


start_server = websockets.serve(hello, sock=sock)

asyncio.get_event_loop().run_until_complete(start_server)
print(sock.getsockname()[1], flush=True)
asyncio.get_event_loop().run_forever()
