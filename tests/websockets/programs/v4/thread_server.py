#!/usr/bin/env python

# The server has a thread of its own; the main one hands messages to its loop.

import asyncio
import sys
import threading

import websockets

clients = set()


async def handler(websocket, path):
    clients.add(websocket)
    try:
        async for _ in websocket:
            pass
    finally:
        clients.discard(websocket)


async def send_to_all(message):
    for websocket in list(clients):
        await websocket.send(message)
    return len(clients)


class ServerThread(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.started = threading.Event()

    def run(self):
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        self.server = self.loop.run_until_complete(websockets.serve(handler, "127.0.0.1", 0))
        self.port = self.server.sockets[0].getsockname()[1]
        self.started.set()
        self.loop.run_forever()
        self.loop.close()

    async def close(self):
        self.server.close()
        await self.server.wait_closed()


thread = ServerThread()
thread.start()
thread.started.wait()
print(thread.port, flush=True)
for line in sys.stdin:
    future = asyncio.run_coroutine_threadsafe(send_to_all(line.strip()), thread.loop)
    print("sent to", future.result(), flush=True)
asyncio.run_coroutine_threadsafe(thread.close(), thread.loop).result()
thread.loop.call_soon_threadsafe(thread.loop.stop)
thread.join()
