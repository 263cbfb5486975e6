"""A server that takes the pages of a site and all of its subdomains."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

from ws_asyncio import WebSocketServerProtocol, serve
from ws_http import Headers


def is_ours(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:  # such as "https://["
        return False
    host = parts.hostname or ""
    return parts.scheme == "https" and (host == "example.com" or host.endswith(".example.com"))


async def check_origin(path: str, headers: Headers) -> Any:
    if not all(map(is_ours, headers.get_all("Origin"))):
        return 403, {}, b"not for pages of other sites\n"
    return None


async def echo(ws: WebSocketServerProtocol) -> None:
    async for message in ws:
        await ws.send(message)


async def main() -> None:
    async with serve(echo, "127.0.0.1", 8765, process_request=check_origin) as server:
        await server.serve_forever()


asyncio.run(main())
