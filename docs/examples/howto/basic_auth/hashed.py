"""A server that knows the hashes of passwords only, and lets health checks pass without any."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import Any

from ws_asyncio import (
    BasicAuthWebSocketServerProtocol,
    WebSocketServerProtocol,
    basic_auth_protocol_factory,
    serve,
)
from ws_http import Headers

# Of each user the salt, and what hash_password() makes of salt and password.
USERS = {
    "ada": (
        bytes.fromhex("c2e1a45b0d9f4c0e8a7b6d5c4e3f2a10"),
        bytes.fromhex("1c61445d243fad864cdd4abc6d4ad905e73f0ac6e2dc73bea3dbedb66ad25e09"),
    ),
}


def hash_password(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


async def check(user: str, password: str) -> bool:
    # Somebody unknown takes as long as somebody known.
    salt, expected = USERS.get(user, (b"nobody", b""))
    # It takes tens of milliseconds: too long to let all other connections wait.
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(None, hash_password, password, salt)
    return hmac.compare_digest(found, expected)


class Protocol(BasicAuthWebSocketServerProtocol):
    async def process_request(self, path: str, request_headers: Headers) -> Any:
        if path == "/health":
            return 200, {}, b"OK\n"
        return await super().process_request(path, request_headers)


async def greet(ws: WebSocketServerProtocol) -> None:
    assert isinstance(ws, Protocol)
    await ws.send(f"Hello, {ws.username}!")


async def main() -> None:
    protect = basic_auth_protocol_factory(
        "my server", check_credentials=check, create_protocol=Protocol
    )
    async with serve(greet, "127.0.0.1", 8765, create_protocol=protect) as server:
        await server.serve_forever()


asyncio.run(main())
