#!/usr/bin/env python

import asyncio

import websockets


async def hello(websocket, path):
    greeting = f"Hello {websocket.username}!"
    await websocket.send(greeting)


start_server = websockets.serve(
    hello,
    "127.0.0.1",
    0,
    create_protocol=websockets.basic_auth_protocol_factory(
        realm="example", credentials=("mary", "p@ssw0rd")
    ),
)

server = asyncio.get_event_loop().run_until_complete(start_server)
print(server.sockets[0].getsockname()[1], flush=True)
asyncio.get_event_loop().run_forever()
