#!/usr/bin/env python

import asyncio
import http

import websockets


def health_check(path, request_headers):
    if path == "/health/":
        return http.HTTPStatus.OK, [], b"OK\n"


async def echo(websocket, path):
    async for message in websocket:
        await websocket.send(message)


start_server = websockets.serve(echo, "127.0.0.1", 0, process_request=health_check)

server = asyncio.get_event_loop().run_until_complete(start_server)
print(server.sockets[0].getsockname()[1], flush=True)
asyncio.get_event_loop().run_forever()
