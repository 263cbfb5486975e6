#!/usr/bin/env python

# Sends what is produced and handles what arrives, at the same time.

import asyncio

import websockets


async def consumer_handler(websocket, queue):
    while True:
        message = await websocket.recv()
        await queue.put(int(message))


async def producer_handler(websocket, queue):
    while True:
        number = await queue.get()
        await websocket.send("{} squared is {}".format(number, number * number))


async def handler(websocket, path):
    queue = asyncio.Queue()
    consumer_task = asyncio.ensure_future(consumer_handler(websocket, queue))
    producer_task = asyncio.ensure_future(producer_handler(websocket, queue))
    done, pending = await asyncio.wait(
        [consumer_task, producer_task], return_when=asyncio.FIRST_COMPLETED
    )
    for task in pending:
        task.cancel()
    for task in done:
        print(type(task.exception()).__name__, flush=True)


loop = asyncio.get_event_loop()
server = loop.run_until_complete(websockets.serve(handler, "127.0.0.1", 0))
print(server.sockets[0].getsockname()[1], flush=True)
try:
    loop.run_forever()
finally:
    server.close()
    loop.run_until_complete(server.wait_closed())
