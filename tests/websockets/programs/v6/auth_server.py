#!/usr/bin/env python

# Basic Auth by hand, before the library had it.

import asyncio
import base64
import http

import websockets


class AuthProtocol(websockets.WebSocketServerProtocol):
    def process_request(self, path, request_headers):
        try:
            scheme, encoded = request_headers["Authorization"].split()
            self.user, _, password = base64.b64decode(encoded).decode().partition(":")
        except (KeyError, ValueError):
            headers = [("WWW-Authenticate", 'Basic realm="here"')]
            return http.HTTPStatus.UNAUTHORIZED, headers, b"Who are you?\n"
        if password != "iloveyou":
            return http.HTTPStatus.FORBIDDEN, [], b"Wrong password\n"


async def hello(websocket, path):
    await websocket.send("Hello {}!".format(websocket.user))


start_server = websockets.serve(hello, "127.0.0.1", 0, create_protocol=AuthProtocol)
server = asyncio.get_event_loop().run_until_complete(start_server)
print(server.sockets[0].getsockname()[1], flush=True)
asyncio.get_event_loop().run_forever()
