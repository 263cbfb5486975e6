"""
A client that trusts the certificate of server.py, and no other.

    python docs/examples/tls/client.py [PORT]

For a server whose certificate comes from a certificate authority, leave ``ssl=`` out:
``connect("wss://example.com/")`` checks it.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from pathlib import Path

from ws_asyncio import connect

CERTIFICATE = Path(__file__).with_name("localhost.pem")


async def main(port: str = "8765") -> None:
    # Never verify_mode=CERT_NONE: then anybody in between can be the server.
    context = ssl.create_default_context(cafile=CERTIFICATE)
    async with connect(f"wss://localhost:{port}/", ssl=context) as ws:
        print(await ws.recv())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
