#!/usr/bin/env python

import asyncio
import sys

import websockets


@asyncio.coroutine
def hello():
    websocket = yield from websockets.connect(sys.argv[1])
    name = "Ada"
    yield from websocket.send(name)
    print("> {}".format(name))
    greeting = yield from websocket.recv()
    print("< {}".format(greeting))
    yield from websocket.close()


asyncio.get_event_loop().run_until_complete(hello())
