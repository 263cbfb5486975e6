#!/usr/bin/env python

import asyncio
import sys

import websockets


def lines():
    for number in range(3):
        yield f"line {number}\n"


async def chunks():
    for number in range(3):
        await asyncio.sleep(0)
        yield bytes([number]) * 4


async def main(uri):
    async with websockets.connect(uri) as websocket:
        await websocket.send(lines())
        print(repr(await websocket.recv()))
        await websocket.send(chunks())
        print(repr(await websocket.recv()))
        await websocket.send(bytearray(b"bytes"))
        print(repr(await websocket.recv()))
        await websocket.send(memoryview(b"bytes")[:2])
        print(repr(await websocket.recv()))


asyncio.run(main(sys.argv[1]))
