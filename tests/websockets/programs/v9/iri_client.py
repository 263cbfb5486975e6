#!/usr/bin/env python

import asyncio
import sys

from websockets.client import connect
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosedOK
from websockets.typing import Subprotocol


async def main(host, port):
    async with connect(
        "ws://bücher.example/straße?q=ü",
        host=host,
        port=int(port),
        subprotocols=[Subprotocol("plain")],
        extra_headers=Headers(Accept_Language="de"),
    ) as websocket:
        print(await websocket.recv())
        try:
            await websocket.recv()
        except ConnectionClosedOK:
            print("done")


asyncio.run(main(*sys.argv[1:]))
