#!/usr/bin/env python

# For those who don't want to hear of event loops.

import asyncio
import sys

import websockets


class Connection:
    def __init__(self, uri):
        self.loop = asyncio.new_event_loop()
        self.websocket = self.loop.run_until_complete(websockets.connect(uri))

    def ask(self, question):
        self.loop.run_until_complete(self.websocket.send(question))
        return self.loop.run_until_complete(asyncio.wait_for(self.websocket.recv(), 10))

    def close(self):
        self.loop.run_until_complete(self.websocket.close())
        self.loop.close()


connection = Connection(sys.argv[1])
for question in ["one", "two", "three"]:
    print(connection.ask(question))
connection.close()
