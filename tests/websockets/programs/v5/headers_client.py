#!/usr/bin/env python

import asyncio
import sys

import websockets

headers = [("X-Token", "s3cret"), ("User-Agent", "headers/1.0")]


async def main(uri):
    async with websockets.connect(
        uri,
        origin="http://localhost",
        extra_headers=headers,
        subprotocols=["chat.v2", "chat.v1"],
        max_size=2**16,
        max_queue=8,
        read_limit=2**14,
        write_limit=2**14,
    ) as websocket:
        print("speaks", websocket.subprotocol)
        print("served by", websocket.response_headers["Server"])
        print("as", websocket.request_headers["User-Agent"])
        print(await websocket.recv())


asyncio.get_event_loop().run_until_complete(main(sys.argv[1]))
