"""Measure what the transports of aiofastnet gain over those of the event loops.

    hatch run transports:bench

An echo server of ours runs in a process of its own, on each loop and with each kind of
transports; a client with a plain blocking socket sends one message at a time. Rounds are
interleaved; the table shows the median of each, and their ratio.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import platform
import socket
import ssl
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ws_asyncio
from ws_frames import encode_frame

ROOT = Path(__file__).resolve().parent.parent
CERTIFICATE = ROOT / "tests" / "ws_asyncio" / "localhost.pem"

SIZES = {256: 5000, 65_536: 1000}  # bytes: messages a round
LOOPS = ("asyncio", "uvloop")
KINDS = ("loop", "aiofastnet")

REQUEST = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", nargs=3, metavar=("KIND", "TLS", "LOOP"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(*options.serve)
        return
    print(
        f"Python {platform.python_version()}, aiofastnet {version('aiofastnet')}, "
        f"uvloop {version('uvloop')}; messages a second, median of {options.rounds}\n"
    )
    print("|  bytes | | loop    | its own | aiofastnet | ratio |\n|---:|---|---|---:|---:|---:|")
    for size, count in SIZES.items():
        for tls in ("", "tls"):
            for loop in LOOPS:
                rates: dict[str, list[float]] = {kind: [] for kind in KINDS}
                for _ in range(options.rounds):
                    for kind in KINDS:
                        rates[kind].append(measure(kind, tls, loop, size, count))
                own, fast = (statistics.median(rates[kind]) for kind in KINDS)
                print(
                    f"| {size:6} | {tls or 'tcp'} | {loop:7} | {own:7.0f} | {fast:10.0f} "
                    f"| {fast / own:5.2f} |",
                    flush=True,
                )


def measure(kind: str, tls: str, loop: str, size: int, count: int) -> float:
    """Give the messages a second of one server and one client."""
    command = [sys.executable, __file__, "--serve", kind, tls, loop]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        port = int(server.stdout.readline())
        with dial(port, tls) as sock:
            rate = echo(sock, size, count)
        server.stdin.close()  # it ends by that
    return rate


@contextlib.contextmanager
def dial(port: int, tls: str) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not tls:
            yield sock
            return
        context = ssl.create_default_context(cafile=str(CERTIFICATE))
        with context.wrap_socket(sock, server_hostname="localhost") as secure:
            yield secure


def echo(sock: socket.socket, size: int, count: int) -> float:
    sock.sendall(REQUEST)
    received = b""
    while b"\r\n\r\n" not in received:
        received += sock.recv(65_536)
    frame = encode_frame(0x82, bytes(size), True)
    expected = len(encode_frame(0x82, bytes(size)))
    start = time.perf_counter()
    for _ in range(count):
        sock.sendall(frame)
        left = expected
        while left:
            left -= len(sock.recv(left))
    return count / (time.perf_counter() - start)


def serve(kind: str, tls: str, loop: str) -> None:
    """Echo until standard input ends."""
    ws_asyncio.set_transports(kind)
    if loop == "uvloop":
        import uvloop

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve_echo(tls))
    else:
        asyncio.run(serve_echo(tls))


async def serve_echo(tls: str) -> None:
    async def handler(ws: Any) -> None:
        async for message in ws:
            await ws.send(message)

    options: dict[str, Any] = {}
    if tls:
        options["ssl"] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        options["ssl"].load_cert_chain(CERTIFICATE)
    async with ws_asyncio.serve(handler, "127.0.0.1", 0, compression=None, **options) as server:
        assert server.sockets is not None
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    main()
