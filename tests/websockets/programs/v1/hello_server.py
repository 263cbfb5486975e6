#!/usr/bin/env python

import asyncio

import websockets


@asyncio.coroutine
def hello(websocket, path):
    name = yield from websocket.recv()
    print("< {}".format(name), flush=True)
    greeting = "Hello {}!".format(name)
    yield from websocket.send(greeting)
    print("> {}".format(greeting), flush=True)


start_server = websockets.serve(hello, "127.0.0.1", 0)

server = asyncio.get_event_loop().run_until_complete(start_server)
print("listening on", server.sockets[0].getsockname()[1], flush=True)
asyncio.get_event_loop().run_forever()
