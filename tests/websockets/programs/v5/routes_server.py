#!/usr/bin/env python

import asyncio
import datetime
import json

import websockets

ROUTES = {}


def route(path):
    def add(function):
        ROUTES[path] = function
        return function

    return add


@route("/year")
async def year(websocket):
    await websocket.send(str(datetime.date(2018, 5, 22).year))


@route("/sum")
async def add_up(websocket):
    total = 0
    async for message in websocket:
        total += json.loads(message)["value"]
        await websocket.send(json.dumps({"total": total}))


async def dispatch(websocket, path):
    if path not in ROUTES:
        await websocket.close(code=4004, reason="no such route")
        return
    await ROUTES[path](websocket)


loop = asyncio.get_event_loop()
server = loop.run_until_complete(websockets.serve(dispatch, "127.0.0.1", 0))
for sock in server.sockets:
    print(sock.getsockname()[1], flush=True)
try:
    loop.run_forever()
except KeyboardInterrupt:
    server.close()
    loop.run_until_complete(server.wait_closed())
    print("interrupted", flush=True)
