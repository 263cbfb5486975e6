#!/usr/bin/env python

# As before 7.0: the handler is cancelled when the connection ends.

import asyncio

import websockets


async def handler(websocket, path):
    this = asyncio.ensure_future(asyncio.sleep(3600))
    closed = asyncio.ensure_future(websocket.wait_closed())
    closed.add_done_callback(lambda task: this.cancel())
    try:
        await websocket.send("waiting")
        await this
    except asyncio.CancelledError:
        print("cancelled", flush=True)
        raise


loop = asyncio.get_event_loop()
server = loop.run_until_complete(websockets.serve(handler, "127.0.0.1", 0))
print(server.sockets[0].getsockname()[1], flush=True)
loop.run_forever()
