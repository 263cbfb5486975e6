#!/usr/bin/env python

import asyncio

import websockets


class Protocol(websockets.WebSocketServerProtocol):
    async def process_request(self, path, request_headers):
        self.token = request_headers.get("X-Token")
        if path == "/closed":
            return 404, websockets.http.Headers([("X-Why", "closed")]), b"Nothing here.\n"

    @staticmethod
    def select_subprotocol(client_subprotocols, server_subprotocols):
        for subprotocol in reversed(server_subprotocols):
            if subprotocol in client_subprotocols:
                return subprotocol


async def tell(websocket, path):
    await websocket.send("{} {}".format(websocket.subprotocol, websocket.token))


start_server = websockets.serve(
    tell, "127.0.0.1", 0, create_protocol=Protocol, subprotocols=["chat.v1", "chat.v2"]
)
server = asyncio.get_event_loop().run_until_complete(start_server)
print(server.sockets[0].getsockname()[1], flush=True)
asyncio.get_event_loop().run_forever()
