#!/usr/bin/env python

# A producer tells all who are connected; who is slow is waited for.

import asyncio
import itertools

import websockets

connected = set()


async def handler(websocket, path):
    connected.add(websocket)
    try:
        await websocket.wait_closed()
    finally:
        connected.remove(websocket)


async def count():
    for number in itertools.count():
        if connected:
            tasks = [asyncio.create_task(ws.send(str(number))) for ws in connected]
            await asyncio.wait(tasks)
            for task in tasks:
                if isinstance(task.exception(), websockets.ConnectionClosed):
                    print("one has left", flush=True)
        await asyncio.sleep(0.01)


async def main():
    async with websockets.serve(handler, "127.0.0.1", 0) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await count()


asyncio.run(main())
