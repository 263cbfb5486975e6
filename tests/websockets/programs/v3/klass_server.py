#!/usr/bin/env python

import asyncio
import sys

import websockets


class CountingProtocol(websockets.WebSocketServerProtocol):
    received = 0

    async def recv(self):
        message = await super().recv()
        CountingProtocol.received += 1
        return message


async def count(websocket, path):
    while True:
        message = await websocket.recv()
        await websocket.send("{} {}".format(CountingProtocol.received, message))


def main(port):
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    server = websockets.serve(
        count,
        "127.0.0.1",
        port,
        klass=CountingProtocol,
        timeout=5,
        max_size=1024,
        max_queue=0,
        loop=loop,
    )
    loop.run_until_complete(server)
    print("ready", flush=True)
    loop.run_forever()


main(int(sys.argv[1]))
