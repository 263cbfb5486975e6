#!/usr/bin/env python

import asyncio
import signal

import websockets


async def echo(websocket, path):
    async for message in websocket:
        await websocket.send(message)
    print("closed with", websocket.close_code, flush=True)


async def echo_server(stop):
    async with websockets.serve(echo, "127.0.0.1", 0) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await stop


loop = asyncio.get_event_loop()

# The stop condition is set when receiving SIGTERM.
stop = loop.create_future()
loop.add_signal_handler(signal.SIGTERM, stop.set_result, None)

# Run the server until the stop condition is met.
loop.run_until_complete(echo_server(stop))
print("clean", flush=True)
