"""Clients send a token in a header of the request; others are refused before they are connected."""

from __future__ import annotations

import asyncio
from typing import Any

from tokens import read_token

from ws_asyncio import WebSocketServerProtocol, serve
from ws_http import Headers


class UserProtocol(WebSocketServerProtocol):
    """A connection of a user who is known."""

    user: str

    async def process_request(self, path: str, request_headers: Headers) -> Any:
        user = read_token(find_token(request_headers))
        if user is None:
            return 401, {"WWW-Authenticate": "Bearer"}, b"a token is needed\n"
        self.user = user
        return await super().process_request(path, request_headers)


def find_token(headers: Headers) -> str:
    """Give the token of a program's Authorization header, or of a browser's cookie."""
    for value in headers.get_all("Authorization"):
        scheme, _, token = value.partition(" ")
        if scheme.lower() == "bearer":
            return token
    # SimpleCookie raises CookieError where any cookie has a name that it doesn't like.
    for cookie in ";".join(headers.get_all("Cookie")).split(";"):
        name, _, token = cookie.strip().partition("=")
        if name == "token":
            return token.strip('"')
    return ""


async def greet(ws: WebSocketServerProtocol) -> None:
    assert isinstance(ws, UserProtocol)
    await ws.send(f"Hello, {ws.user}!")
    async for message in ws:
        await ws.send(message)


async def main() -> None:
    async with serve(greet, "127.0.0.1", 8765, create_protocol=UserProtocol) as server:
        await server.serve_forever()


asyncio.run(main())
