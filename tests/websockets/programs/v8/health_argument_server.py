#!/usr/bin/env python

import asyncio
import http
import signal

import websockets


async def process_request(path, request_headers):
    if path == "/healthz":
        return http.HTTPStatus.OK, {"Content-Type": "text/plain"}, b"OK\n"


async def echo(websocket, path):
    async for message in websocket:
        await websocket.send(message)


async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = await websockets.serve(echo, "127.0.0.1", 0, process_request=process_request)
    print(server.sockets[0].getsockname()[1], flush=True)
    await stop.wait()
    server.close()
    await server.wait_closed()


asyncio.run(main())
