#!/usr/bin/env python

import asyncio
import signal

import websockets


async def wait(websocket, path):
    try:
        await websocket.recv()
    except websockets.ConnectionClosed as exc:
        print("closed with", exc.code, flush=True)


loop = asyncio.get_event_loop()
loop.add_signal_handler(signal.SIGTERM, loop.stop)

server = loop.run_until_complete(websockets.serve(wait, "127.0.0.1", 0))
print(server.sockets[0].getsockname()[1], flush=True)
loop.run_forever()

server.close()
loop.run_until_complete(server.wait_closed())
loop.close()
print("clean", flush=True)
