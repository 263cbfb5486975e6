"""
A server that speaks TLS: its address begins with wss://.

    python docs/examples/tls/server.py [PORT]

Then run client.py in another terminal. A real certificate comes from a certificate authority,
such as Let's Encrypt. This one is for localhost alone and signs itself: the program ``openssl``
makes it when it isn't there, and client.py is told to trust it.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import subprocess
import sys
from pathlib import Path

from ws_asyncio import WebSocketServerProtocol, serve

CERTIFICATE = Path(__file__).with_name("localhost.pem")


async def tell(ws: WebSocketServerProtocol) -> None:
    """Say what protects the connection."""
    tls = ws.transport.get_extra_info("ssl_object")
    await ws.send(f"{tls.version()} with {tls.cipher()[0]}")


def make_certificate(path: Path) -> None:
    """Write a private key, and a certificate for it that says ``localhost``, into one file."""
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"]
    key = path.with_suffix(".key")
    key.touch(0o600)  # before there is a key in it
    subprocess.run(
        [*command.split(), *names, "-keyout", key, "-out", path], check=True, capture_output=True
    )
    key.write_bytes(key.read_bytes() + path.read_bytes())
    key.replace(path)


async def main(port: int = 8765) -> None:
    if not CERTIFICATE.exists():
        make_certificate(CERTIFICATE)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    async with serve(tell, "localhost", port, ssl=context) as server:
        print(f"wss://localhost:{port}/ is there; ^C ends it", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*map(int, sys.argv[1:])))
