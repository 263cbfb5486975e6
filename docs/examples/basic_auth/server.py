"""
A server for those who know a password (HTTP Basic Auth, RFC 7617).

    python docs/examples/basic_auth/server.py [PORT]

Then run client.py in another terminal. Basic Auth sends the password as it is, so away
from localhost it needs TLS: see ../tls.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import sys

from ws_asyncio import (
    BasicAuthWebSocketServerProtocol,
    WebSocketServerProtocol,
    basic_auth_protocol_factory,
    serve,
)

#: Salt and hash of each user's password: Ada's is "analytical", Grace's is "nanosecond".
USERS = {
    "ada": "5b1d8f6a$2638d22a47830fa2fe731e8cafa46e57eeb8c5667804e7e956edc5207a51623a",
    "grace": "c0b01ca5$8c7542f6c05601d8691db9a81552fc0fc1c790454fc27d1c8a8765138e7d3724",
}


def hash_password(password: str, salt: bytes) -> bytes:
    """Make of a password what is safe to store, slowly: so guessing is slow as well."""
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


def is_right(user: str, password: str) -> bool:
    # An unknown user takes as long as a known one, so that time does not tell who is known.
    salt, _, expected = USERS.get(user, USERS["ada"]).partition("$")
    found = hash_password(password, bytes.fromhex(salt))
    return hmac.compare_digest(found.hex(), expected) and user in USERS


async def check(user: str, password: str) -> bool:
    # In a thread, since it is slow, and the event loop has others to serve meanwhile.
    return await asyncio.get_running_loop().run_in_executor(None, is_right, user, password)


async def welcome(ws: WebSocketServerProtocol) -> None:
    assert isinstance(ws, BasicAuthWebSocketServerProtocol)
    await ws.send(f"Welcome, {ws.username}!")


async def main(port: int = 8765) -> None:
    protected = basic_auth_protocol_factory("the example", check_credentials=check)
    async with serve(welcome, "localhost", port, create_protocol=protected) as server:
        print(f"ws://localhost:{port}/ is there; ^C ends it", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*map(int, sys.argv[1:])))
