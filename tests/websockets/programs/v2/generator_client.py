#!/usr/bin/env python

# Before async and await there were generators, of which types.coroutine makes coroutines too.

import asyncio
import sys
import types

import websockets


@types.coroutine
def hello(uri):
    websocket = yield from websockets.connect(uri)
    name = "Ada"
    yield from websocket.send(name)
    print("> {}".format(name))
    greeting = yield from websocket.recv()
    print("< {}".format(greeting))
    yield from websocket.close()


asyncio.get_event_loop().run_until_complete(hello(sys.argv[1]))
