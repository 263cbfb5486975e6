#!/usr/bin/env python

import asyncio
import logging
import sys

import websockets

logger = logging.getLogger("websockets")
logger.setLevel(logging.ERROR)
logger.addHandler(logging.StreamHandler(sys.stdout))


def set_cookie(path, request_headers):
    if "Cookie" not in request_headers:
        return {"Set-Cookie": "visited=1"}


async def visited(websocket, path):
    if path == "/oops":
        raise RuntimeError("oops")
    await websocket.send(websocket.request_headers.get("Cookie", "first visit"))


async def main():
    server = await websockets.serve(
        visited,
        "127.0.0.1",
        0,
        extra_headers=set_cookie,
        origins=["http://localhost", None],
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.wait_closed()


asyncio.run(main())
