#!/usr/bin/env python

import asyncio
import functools

import websockets


class Greeter(websockets.WebSocketServerProtocol):
    def __init__(self, *args, greeting, **kwargs):
        super().__init__(*args, **kwargs)
        self.greeting = greeting


async def handler(websocket, path, extra_argument):
    name = await websocket.recv()
    await websocket.send(websocket.greeting.format(name) + extra_argument)


bound_handler = functools.partial(handler, extra_argument="!!!")
start_server = websockets.serve(
    bound_handler,
    "127.0.0.1",
    0,
    create_protocol=functools.partial(Greeter, greeting="Welcome, {}"),
)

server = asyncio.get_event_loop().run_until_complete(start_server)
print(server.sockets[0].getsockname()[1], flush=True)
asyncio.get_event_loop().run_forever()
